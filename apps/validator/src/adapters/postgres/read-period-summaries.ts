import { type PeriodSummary, periodSummarySchema } from "@vision/protocol";
import type pg from "pg";
import { whole } from "./clean-values.js";

/** A report is megabytes on a full subnet; the sums are made where it lies. */
const text = `
select r.period,
  r.report -> 'startsAtMs' as "startsAtMs",
  r.report -> 'endsAtMs' as "endsAtMs",
  coalesce((select jsonb_object_agg(m ->> 'hotkey', m -> 'weight') from jsonb_array_elements(r.report -> 'miners') m), '{}') as weights,
  s.*
from period_reports r, lateral (
  select coalesce(sum((t ->> 'requests')::float8), 0) as "requests",
    coalesce(sum((t ->> 'organicCount')::float8), 0) as "organicCount",
    coalesce(sum((t ->> 'okCount')::float8), 0) as "okCount",
    coalesce(sum((t ->> 'rateLimitedCount')::float8), 0) as "rateLimitedCount",
    coalesce(sum((t ->> 'failedCount')::float8), 0) as "failedCount"
  from jsonb_array_elements(r.report -> 'miners') m, jsonb_array_elements(m -> 'tasks') t
) s
where r.period = any($1::bigint[])`;

/** Summaries of the periods that have a report. */
export async function readPeriodSummaries(pool: pg.Pool, periods: readonly number[]): Promise<readonly PeriodSummary[]> {
  const { rows } = await pool.query({ name: "read-period-summaries", text, values: [periods.map(whole)] });
  return rows.map((row) => periodSummarySchema.parse(row));
}
