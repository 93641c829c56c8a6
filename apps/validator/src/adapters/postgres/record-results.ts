import { safeUnits } from "@vision/scoring";
import type pg from "pg";
import { estimateJsonBytes } from "../../domain/estimate-json-bytes.js";
import type { CheckRecord, ResultRecord } from "../../domain/records/index.js";
import type { Logger } from "../../ports/index.js";
import { cleanOptionalText, cleanText, finite, finiteOrNull, toJson, whole } from "./clean-values.js";
import { mayBeRowFault } from "./store-error.js";

/**
 * One statement, hence one transaction: results that are new, their checks, and the counts grown by exactly those, as
 * `isCounted` and `addToTally` of `@vision/scoring` do it (a property test compares them). Rows are taken in a fixed order, so that two processes cannot deadlock.
 */
const text = `
with incoming as (
  select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::text[],
    $9::float8[], $10::float8[], $11::bigint[], $12::float8[], $13::float8[])
    as t(request_id, period, hotkey, task_id, is_organic, outcome, blame, reason,
      attempted_units, completed_units, started_at_ms, first_token_ms, duration_ms)
), inserted as (
  insert into results (request_id, period, hotkey, task_id, is_organic, outcome, blame, reason,
    attempted_units, completed_units, started_at_ms, first_token_ms, duration_ms)
  select * from incoming order by request_id
  on conflict (request_id) do nothing
  returning *
), queued as (
  insert into checks (request_id, period, hotkey, task_id, request, answer, first_token_ms, duration_ms, units)
  select c.request_id, c.period, c.hotkey, c.task_id, c.request, c.answer, c.first_token_ms, c.duration_ms, c.units
  from unnest($14::text[], $15::bigint[], $16::text[], $17::text[], $18::json[], $19::json[], $20::float8[], $21::float8[], $22::float8[])
    as c(request_id, period, hotkey, task_id, request, answer, first_token_ms, duration_ms, units)
  join inserted using (request_id)
  order by c.request_id
  on conflict (request_id) do nothing
)
insert into tallies (period, hotkey, task_id, attempted_units, completed_units, rate_limited_units, failed_units,
  requests, ok_count, rate_limited_count, failed_count, organic_count)
select period, hotkey, task_id,
  sum(attempted_units),
  coalesce(sum(completed_units) filter (where outcome = 'ok'), 0),
  coalesce(sum(attempted_units) filter (where outcome = 'rateLimited'), 0),
  coalesce(sum(attempted_units) filter (where outcome = 'failed'), 0),
  count(*),
  count(*) filter (where outcome = 'ok'),
  count(*) filter (where outcome = 'rateLimited'),
  count(*) filter (where outcome = 'failed'),
  count(*) filter (where is_organic)
from inserted
where outcome = 'ok' or blame = 'miner'
group by period, hotkey, task_id
order by period, hotkey, task_id
on conflict (period, hotkey, task_id) do update set
  attempted_units = tallies.attempted_units + excluded.attempted_units,
  completed_units = tallies.completed_units + excluded.completed_units,
  rate_limited_units = tallies.rate_limited_units + excluded.rate_limited_units,
  failed_units = tallies.failed_units + excluded.failed_units,
  requests = tallies.requests + excluded.requests,
  ok_count = tallies.ok_count + excluded.ok_count,
  rate_limited_count = tallies.rate_limited_count + excluded.rate_limited_count,
  failed_count = tallies.failed_count + excluded.failed_count,
  organic_count = tallies.organic_count + excluded.organic_count`;

async function insert(pool: pg.Pool, results: readonly ResultRecord[], checks: readonly CheckRecord[]): Promise<void> {
  const values = [
    results.map((row) => cleanText(row.requestId)),
    results.map((row) => whole(row.period)),
    results.map((row) => cleanText(row.hotkey)),
    results.map((row) => cleanText(row.taskId)),
    results.map((row) => row.isOrganic),
    results.map((row) => row.outcome),
    results.map((row) => row.blame),
    results.map((row) => cleanOptionalText(row.reason)),
    results.map((row) => safeUnits(row.attemptedUnits)),
    results.map((row) => safeUnits(row.completedUnits)),
    results.map((row) => whole(row.startedAtMs)),
    results.map((row) => finiteOrNull(row.firstTokenMs)),
    results.map((row) => finite(row.durationMs)),
    checks.map((row) => cleanText(row.requestId)),
    checks.map((row) => whole(row.period)),
    checks.map((row) => cleanText(row.hotkey)),
    checks.map((row) => cleanText(row.taskId)),
    checks.map((row) => toJson(row.request)),
    checks.map((row) => toJson(row.answer)),
    checks.map((row) => finiteOrNull(row.firstTokenMs)),
    checks.map((row) => finite(row.durationMs)),
    checks.map((row) => finite(row.units)),
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
