import type pg from "pg";
import { whole } from "./clean-values.js";

const CHUNK_ROWS = 20_000; // one chunk stays far below the statement timeout and holds its locks briefly
const KEPT_WEIGHT_SETS = 1_000;

async function inChunks(pool: pg.Pool, text: string, beforePeriod: number): Promise<number> {
  let total = 0;
  for (;;) {
    const { rowCount } = await pool.query(text, [beforePeriod, CHUNK_ROWS]);
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < CHUNK_ROWS) return total;
  }
}

/**
 * Drops the numbers of miners and tasks that nothing refers to. They are rare: who was planned in a kept period has a tally. Every statement
 * that takes a number into use writes to `series`, so the lock holds it off meanwhile; nobody waits for it when there are none.
 */
async function deleteUnusedSeries(pool: pg.Pool): Promise<void> {
  const users = ["tallies", "results", "checks", "samples"];
  const client = await pool.connect();
  try {
    const { rows } = await client.query("select 1 from series s where not exists (select from tallies where series_id = s.id) limit 1");
    if (rows.length > 0) {
      await client.query("begin");
      await client.query("lock table series in share row exclusive mode");
      const isUnused = users.map((table) => `id not in (select series_id from ${table})`).join(" and ");
      await client.query(`delete from series where ${isUnused}`);
      await client.query("commit");
    }
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/**
 * Drops the oldest stored period when more than so many are stored, in chunks, and all but the newest 1000 weight sets. Returns how many
 * rows went.
 */
export async function deleteOldestPeriod(pool: pg.Pool, keptPeriods: number): Promise<number> {
  const { rows: oldest } = await pool.query<{ period: number | null }>(
    "select min(period) as period from (select period from periods where not is_open order by period desc offset $1) beyond",
    [whole(keptPeriods)],
  );
  const period = oldest[0]?.period ?? null;
  if (period === null) return 0;
  const beforePeriod = period + 1;
  let total = 0;
  for (const table of ["results", "checks", "samples", "tallies", "epoch_reports", "scoring_inputs", "period_reports"]) {
    total += await inChunks(
      pool,
      `delete from ${table} where ctid = any(array(select ctid from ${table} where period < $1 limit $2))`,
      beforePeriod,
    );
  }
  await deleteUnusedSeries(pool);
  total += (await pool.query("delete from periods where period < $1 and not is_open", [beforePeriod])).rowCount ?? 0;
  total +=
    (
      await pool.query(
        `delete from weight_sets w using (
          select netuid, epoch_block, row_number() over (partition by netuid order by epoch_block desc) as age from weight_sets
        ) aged
        where aged.age > $1 and w.netuid = aged.netuid and w.epoch_block = aged.epoch_block`,
        [KEPT_WEIGHT_SETS],
      )
    ).rowCount ?? 0;
  return total;
}
