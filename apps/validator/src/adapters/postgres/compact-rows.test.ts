import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import type { CheckRecord, ResultRecord, SampleRecord } from "../../domain/records/index.js";
import { recordingLogger } from "../../testing/recording-logger.js";
import { aCheck, anId, aPeriod, aPeriodReport, aProbe, aReport, aResult, aTiming } from "../../testing/store-samples.js";
import { startTestPostgres, type TestPostgres } from "../../testing/test-postgres.js";
import { createPool } from "./create-pool.js";
import { migrate } from "./migrate.js";
import { migrations } from "./migrations/index.js";
import { openPostgresStore } from "./open-postgres-store.js";

const logger = recordingLogger();
const taskIds = ["chat-tiny", "image-tiny"];
const hotkeys = ["alice", "bob", "carol"];
const periods = [41, 42];
const series = hotkeys.flatMap((hotkey) => taskIds.map((taskId) => ({ hotkey, taskId })));

const results: readonly ResultRecord[] = periods.flatMap((period) =>
  series.flatMap(({ hotkey, taskId }, place) => {
    const named = (name: string, changes: Partial<ResultRecord>) =>
      aResult(anId(`${period} ${hotkey} ${taskId} ${name}`), { period, hotkey, taskId, startedAtMs: period * 1_000 + place, ...changes });
    return [
      named("ok", { completedUnits: 40 + place, durationMs: 250.1 + 0.2, isOrganic: place % 2 === 0 }),
      named("tiny", { firstTokenMs: 1e-300, attemptedUnits: 1e15 }),
      named("refused", { outcome: "rateLimited", blame: "miner", reason: "status 429", firstTokenMs: null, completedUnits: 0 }),
      named("failed", { outcome: "failed", blame: "nobody", reason: "no first event within 15000 ms", completedUnits: 0 }),
      named("late", { outcome: "failed", blame: "validator", reason: null, completedUnits: 0 }),
    ];
  }),
);
const oks = results.filter(({ outcome }) => outcome === "ok");
const ofResult = ({ requestId, period, hotkey, taskId }: ResultRecord) => ({ requestId, period, hotkey, taskId, ...aTiming });
const checks: readonly CheckRecord[] = oks
  .filter((_, place) => place % 2 === 0)
  .map((row) => aCheck(row.requestId, { ...ofResult(row), sampler: "unknown" }));
const samples: readonly SampleRecord[] = oks
  .filter((_, place) => place % 2 === 1)
  .map((row, place) => ({
    ...ofResult(row),
    qualityFraction: 1 / (place + 1),
    receipt: null,
    reasons: place % 2 === 0 ? [] : ["token 3 differs", "too short"],
    isOrganic: false,
    evidence: null,
  }));

/** The schema of before, filled with the records above as the program of then did. */
async function fillOldDatabase(pool: pg.Pool): Promise<void> {
  await migrate(
    pool,
    migrations.filter(({ number }) => number < 6),
  );
  for (const period of periods) {
    const { startsAtMs, endsAtMs, seed } = aPeriod(period);
    await pool.query("insert into periods values ($1, $2, $3, $4, $5)", [period, startsAtMs, endsAtMs, seed, period === periods.at(-1)]);
    for (const { hotkey, taskId } of series) {
      await pool.query("insert into tallies values ($1, $2, $3, 1000, 0.25, 250, 5)", [period, hotkey, taskId]);
    }
    await pool.query("insert into epoch_reports values ($1, $1, $2)", [period, JSON.stringify(aReport(period))]);
    await pool.query("insert into period_reports values ($1, $2)", [period, JSON.stringify(aPeriodReport(period))]);
  }
  for (const row of results) {
    await pool.query("insert into results values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", [
      ...[row.requestId, row.period, row.hotkey, row.taskId, row.isOrganic, row.outcome, row.blame, row.reason],
      ...[row.attemptedUnits, row.completedUnits, row.startedAtMs, row.firstTokenMs, row.durationMs],
    ]);
  }
  await pool.query(`
    update tallies t set attempted_units = r.attempted, completed_units = r.completed, rate_limited_units = r.refused_units,
      failed_units = r.failed_units, requests = r.requests, ok_count = r.oks, rate_limited_count = r.refused, failed_count = r.failed,
      organic_count = r.organic
    from (
      select period, hotkey, task_id, sum(attempted_units) as attempted,
        coalesce(sum(completed_units) filter (where outcome = 'ok'), 0) as completed,
        coalesce(sum(attempted_units) filter (where outcome = 'rateLimited'), 0) as refused_units,
        coalesce(sum(attempted_units) filter (where outcome = 'failed'), 0) as failed_units,
        count(*) as requests, count(*) filter (where outcome = 'ok') as oks, count(*) filter (where outcome = 'rateLimited') as refused,
        count(*) filter (where outcome = 'failed') as failed, count(*) filter (where is_organic) as organic
      from results where outcome = 'ok' or blame = 'miner' group by period, hotkey, task_id
    ) r where r.period = t.period and r.hotkey = t.hotkey and r.task_id = t.task_id`);
  for (const row of checks) {
    await pool.query(
      "insert into checks (request_id, period, hotkey, task_id, request, answer, first_token_ms, duration_ms, units) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      [
        ...[row.requestId, row.period, row.hotkey, row.taskId, JSON.stringify(row.request), JSON.stringify(row.answer)],
        ...[row.firstTokenMs, row.durationMs, row.units],
      ],
    );
  }
  for (const row of samples) {
    await pool.query(
      "insert into samples (request_id, period, hotkey, task_id, quality_fraction, first_token_ms, duration_ms, units, reasons) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      [
        ...[row.requestId, row.period, row.hotkey, row.taskId, row.qualityFraction, row.firstTokenMs, row.durationMs, row.units],
        row.reasons,
      ],
    );
    await pool.query(
      "insert into sample_counts values ($1, $2, 1) on conflict (hotkey, task_id) do update set sample_count = sample_counts.sample_count + 1",
      [row.hotkey, row.taskId],
    );
  }
}

/** The same records by the store of today. */
async function fillNewDatabase(url: string): Promise<void> {
  const store = await openPostgresStore({ url }, { logger });
  for (const period of periods) {
    await store.switchPeriod(
      // A period of before had no seed in common with anybody.
      { ...aPeriod(period), commonSeed: aPeriod(period).seed },
      series.map((each) => aProbe(each)),
    );
    await store.saveEpoch({ period, createdAtMs: period, report: aReport(period) });
    await store.savePeriodReport(aPeriodReport(period));
  }
  await store.recordResults(results, checks);
  for (const sample of samples) await store.recordSample(sample);
  await store.close();
}

/** Every row of every table, with names for numbers. */
async function dump(pool: pg.Pool): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {};
  for (const [table, key] of [
    ["periods", "period"],
    ["tallies", "period, hotkey, task_id"],
    ["results", "request_id"],
    ["checks", "request_id"],
    ["samples", "request_id"],
    ["epoch_reports", "period"],
    ["period_reports", "period"],
  ] as const) {
    const isBySeries = ["tallies", "results", "checks", "samples"].includes(table);
    const from = isBySeries ? `${table} join series on series.id = series_id` : table;
    const { rows } = await pool.query<Record<string, unknown>>(`select * from ${from} order by ${key}`);
    tables[table] = rows.map(({ id: _id, series_id: _series, sequence: _sequence, ...rest }) => rest);
  }
  return tables;
}

describe("rows that take half of the bytes", () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());

  it("a filled database of before holds, once migrated, what today's program would have written", async () => {
    const old = createPool({ url: await postgres.createDatabase({ isEmpty: true }) }, { logger });
    await fillOldDatabase(old);
    await migrate(old);
    const url = await postgres.createDatabase();
    await fillNewDatabase(url);
    const fresh = createPool({ url }, { logger });
    const migrated = await dump(old);
    expect(migrated["results"]).toHaveLength(results.length);
    expect(migrated["samples"]).toHaveLength(samples.length);
    expect(migrated).toEqual(await dump(fresh));
    await Promise.all([old.end(), fresh.end()]);
  });

  it("goes on where the old database was: order of checks, new numbers of samples, an id that was no UUID", async () => {
    const url = await postgres.createDatabase({ isEmpty: true });
    const pool = createPool({ url }, { logger });
    await fillOldDatabase(pool);
    await pool.query("update results set request_id = 'by-hand' where request_id = $1", [results[0]?.requestId]);
    await migrate(pool);
    const { rows } = await pool.query<{ id: string; present: boolean }>(
      "select md5('by-hand')::uuid as id, exists (select from results where request_id = md5('by-hand')::uuid) as present",
    );
    expect(rows[0]?.present).toBe(true);
    const store = await openPostgresStore({ url }, { logger });
    const claimed = await store.claimChecks({ limit: 100, nowMs: 1, leaseMs: 1 });
    expect(claimed.map(({ requestId }) => requestId).sort()).toEqual(checks.map(({ requestId }) => requestId).sort());
    for (const { attempts: _attempts, request: _request, answer: _answer, ...rest } of claimed) {
      await store.recordSample({ ...rest, receipt: null, qualityFraction: 1, reasons: [], evidence: null });
    }
    const all = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 100, isOpenPeriodIncluded: true });
    expect(all.flatMap((each) => each.samples)).toHaveLength(checks.length + samples.length);
    // Those of now come after those of before.
    expect(all.flatMap((each) => each.samples.slice(-1)).every(({ qualityFraction }) => qualityFraction === 1)).toBe(true);
    await store.close();
    await pool.end();
  });

  it("a miner and task that many connections meet for the first time at once gets one number, and no result is lost", async () => {
    const url = await postgres.createDatabase();
    const store = await openPostgresStore({ url }, { logger });
    await store.switchPeriod(aPeriod(1), []);
    const batches = Array.from({ length: 8 }, (_, batch) =>
      Array.from({ length: 30 }, (_unused, index) => aResult(anId(`${batch} ${index}`), { hotkey: `miner-${(index * 7 + batch) % 30}` })),
    );
    await Promise.all(batches.map((batch) => store.recordResults(batch, [])));
    const probes = (await store.getOpenPeriod())?.probes ?? [];
    expect(probes).toHaveLength(30);
    expect(probes.every(({ requests }) => requests === 8)).toBe(true);
    await store.close();
  });

  it("numbers of miners and tasks that left go with their last row, while others record", async () => {
    const url = await postgres.createDatabase();
    const store = await openPostgresStore({ url }, { logger });
    await store.switchPeriod(aPeriod(1), [aProbe({ hotkey: "left" }), aProbe({ hotkey: "stays" })]);
    await store.switchPeriod(aPeriod(2), [aProbe({ hotkey: "stays" })]);
    await store.switchPeriod(aPeriod(3), [aProbe({ hotkey: "stays" })]);
    const again = Array.from({ length: 20 }, (_, index) => aResult(anId(`again ${index}`), { period: 3, hotkey: "left" }));
    await Promise.all([store.deleteOldestPeriod({ keptPeriods: 0 }), ...again.map((row) => store.recordResults([row], []))]);
    await store.deleteOldestPeriod({ keptPeriods: 0 });
    const pool = createPool({ url }, { logger });
    const { rows } = await pool.query("select count(*) from results join series on series.id = series_id where hotkey = 'left'");
    expect(rows).toEqual([{ count: 20 }]);
    await pool.query("delete from results; delete from tallies where period = 3");
    await store.switchPeriod(aPeriod(4), [aProbe({ hotkey: "new" })]);
    await store.deleteOldestPeriod({ keptPeriods: 0 });
    expect((await pool.query("select hotkey from series order by hotkey")).rows).toEqual([{ hotkey: "new" }]);
    await pool.end();
    await store.close();
  });
});
