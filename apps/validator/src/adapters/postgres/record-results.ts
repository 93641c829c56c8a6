import { safeUnits } from "@vision/scoring";
import type pg from "pg";
import { estimateJsonBytes } from "../../domain/estimate-json-bytes.js";
import type { CheckRecord, ResultRecord } from "../../domain/records/index.js";
import type { Logger } from "../../ports/index.js";
import { cleanText, real, realOrNull, toJson, whole } from "./clean-values.js";
import { packClaim } from "./pack-receipt.js";
import { seriesIds } from "./series-ids.js";
import { mayBeRowFault } from "./store-error.js";

/** One letter for each, so that it takes one byte. */
const outcomeLetters = { ok: "o", rateLimited: "r", failed: "f" } as const satisfies Record<ResultRecord["outcome"], string>;
const blameLetters = { miner: "m", validator: "v", nobody: "n" } as const satisfies Record<ResultRecord["blame"], string>;

/**
 * One statement, hence one transaction: results that are new, their checks, and the counts grown by exactly those; and what gateways have
 * handed over of them goes. Counted as
 * `isCounted` and `addToTally` of `@vision/scoring` do it (a property test compares them). Rows are taken in a fixed order, so that two processes cannot deadlock.
 */
const text = `
with incoming as (
  select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::"char"[], $7::"char"[], $8::text[],
    $9::float8[], $10::float8[], $11::bigint[], $12::real[], $13::real[])
    as t(request_id, period, hotkey, task_id, is_organic, outcome, blame, reason,
      attempted_units, completed_units, started_at_ms, first_token_ms, duration_ms)
), ${seriesIds("incoming")}, inserted as (
  insert into results (request_id, period, series_id, is_organic, outcome, blame, reason,
    attempted_units, completed_units, started_at_ms, first_token_ms, duration_ms)
  select request_id, period, series_id, is_organic, outcome, blame, reason,
    attempted_units, completed_units, started_at_ms, first_token_ms, duration_ms
  from incoming join series_ids using (hotkey, task_id)
  order by request_id
  on conflict (request_id) do nothing
  returning request_id, period, series_id
), queued as (
  insert into checks (request_id, period, series_id, request, answer, first_token_ms, duration_ms, units, receipt, sampler,
    is_organic)
  select c.request_id, i.period, i.series_id, c.request, c.answer, c.first_token_ms, c.duration_ms, c.units, c.receipt, c.sampler,
    c.is_organic
  from unnest($14::uuid[], $15::json[], $16::json[], $17::real[], $18::real[], $19::real[], $20::bytea[],
    $21::text[], $22::boolean[])
    as c(request_id, request, answer, first_token_ms, duration_ms, units, receipt, sampler, is_organic)
  join inserted i using (request_id)
  order by c.request_id
  on conflict (request_id) do nothing
), taken_over as (
  delete from gateway_results where request_id = any($1::uuid[])
), counted as (
  -- One batch may hold a result twice. Its units are taken from what came, which is exact, not from the row.
  select distinct on (request_id) period, inserted.series_id, outcome, is_organic, attempted_units, completed_units
  from inserted join incoming using (request_id, period)
  where outcome = 'o' or blame = 'm'
  order by request_id
)
insert into tallies (period, series_id, attempted_units, completed_units, rate_limited_units, failed_units,
  requests, ok_count, rate_limited_count, failed_count, organic_count)
select period, series_id,
  sum(attempted_units),
  coalesce(sum(completed_units) filter (where outcome = 'o'), 0),
  coalesce(sum(attempted_units) filter (where outcome = 'r'), 0),
  coalesce(sum(attempted_units) filter (where outcome = 'f'), 0),
  count(*),
  count(*) filter (where outcome = 'o'),
  count(*) filter (where outcome = 'r'),
  count(*) filter (where outcome = 'f'),
  count(*) filter (where is_organic)
from counted
group by period, series_id
order by period, series_id
on conflict (period, series_id) do update set
  attempted_units = tallies.attempted_units + excluded.attempted_units,
  completed_units = tallies.completed_units + excluded.completed_units,
  rate_limited_units = tallies.rate_limited_units + excluded.rate_limited_units,
  failed_units = tallies.failed_units + excluded.failed_units,
  requests = tallies.requests + excluded.requests,
  ok_count = tallies.ok_count + excluded.ok_count,
  rate_limited_count = tallies.rate_limited_count + excluded.rate_limited_count,
  failed_count = tallies.failed_count + excluded.failed_count,
  organic_count = tallies.organic_count + excluded.organic_count`;

/** Longest reason that is kept, characters: a miner may word it. */
const LONGEST_REASON = 200;

async function insert(pool: pg.Pool, results: readonly ResultRecord[], checks: readonly CheckRecord[]): Promise<void> {
  const values = [
    results.map((row) => row.requestId),
    results.map((row) => whole(row.period)),
    results.map((row) => cleanText(row.hotkey)),
    results.map((row) => cleanText(row.taskId)),
    results.map((row) => row.isOrganic),
    results.map((row) => outcomeLetters[row.outcome]),
    results.map((row) => blameLetters[row.blame]),
    results.map((row) => cleanText(row.reason ?? "").slice(0, LONGEST_REASON)),
    results.map((row) => safeUnits(row.attemptedUnits)),
    results.map((row) => safeUnits(row.completedUnits)),
    results.map((row) => whole(row.startedAtMs)),
    results.map((row) => realOrNull(row.firstTokenMs)),
    results.map((row) => real(row.durationMs)),
    checks.map((row) => row.requestId),
    checks.map((row) => toJson(row.request)),
    checks.map((row) => toJson(row.answer)),
    checks.map((row) => realOrNull(row.firstTokenMs)),
    checks.map((row) => real(row.durationMs)),
    checks.map((row) => real(row.units)),
    checks.map((row) => (row.receipt === null ? null : packClaim(row.receipt))),
    checks.map((row) => row.sampler),
    checks.map((row) => row.isOrganic),
  ];
  await pool.query({ name: "record-results", text, values });
}

/** Largest statement, bytes: some 30 ms of serialising, in which nothing else runs. */
const MAX_STATEMENT_BYTES = 8 * 1024 * 1024;

type Batch = { readonly results: readonly ResultRecord[]; readonly checks: readonly CheckRecord[] };

function isTooLarge({ checks }: Batch): boolean {
  let bytes = 0;
  for (const { request, answer } of checks) {
    bytes += estimateJsonBytes([request, answer], MAX_STATEMENT_BYTES);
    if (bytes > MAX_STATEMENT_BYTES) return true;
  }
  return false;
}

/**
 * Records a batch, at most 8 MB at a time. A row that cannot be recorded though the database works is dropped with an error in the log,
 * the others are recorded: the batch is halved until the row is alone. A check that is too large for a statement goes, its result stays.
 */
export async function recordResults(pool: pg.Pool, batch: Batch, logger: Logger): Promise<void> {
  const { results, checks } = batch;
  if (results.length === 0) return;
  if (isTooLarge(batch)) return recordHalves(pool, batch, logger);
  try {
    await insert(pool, results, checks);
  } catch (error) {
    if (!mayBeRowFault(error)) throw error;
    if (results.length === 1 && checks.length === 0) {
      const first = results[0];
      logger.error("A result was refused by the database and is lost", { requestId: first?.requestId, hotkey: first?.hotkey, error });
      await pool.query("delete from gateway_results where request_id = $1", [first?.requestId]);
      return;
    }
    await recordHalves(pool, batch, logger);
  }
}

async function recordHalves(pool: pg.Pool, { results, checks }: Batch, logger: Logger): Promise<void> {
  if (results.length === 1) {
    const first = results[0];
    logger.warn("A check could not be recorded and is dropped", { requestId: first?.requestId, hotkey: first?.hotkey });
    return recordResults(pool, { results, checks: [] }, logger);
  }
  const middle = Math.ceil(results.length / 2);
  for (const half of [results.slice(0, middle), results.slice(middle)]) {
    const ids = new Set(half.map((row) => row.requestId));
    await recordResults(pool, { results: half, checks: checks.filter((row) => ids.has(row.requestId)) }, logger);
  }
}
