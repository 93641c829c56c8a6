import type { PeriodRequests } from "@vision/protocol";
import type pg from "pg";
import { z } from "zod";
import { DOT_SLICES, DOT_STEPS, MOST_DOTS, toPeriodRequests } from "../../domain/request-dots.js";
import { whole } from "./clean-values.js";

const periodText = `
select period, starts_at_ms, ends_at_ms from periods
where period = $1 and exists (select from period_reports where period_reports.period = periods.period)`;

// Counted where the rows lie: an hour of a busy gateway is a million of them. Probes first, they are what is always shown.
const dotsText = `
with placed as (
  select least($4 - 1, greatest(0, floor((r.started_at_ms - $2)::float8 * $4 / ($3 - $2))))::int as slice,
    round($5 * log(greatest(1, coalesce(r.first_token_ms, r.duration_ms))::float8))::int as step,
    r.series_id, r.is_organic, r.outcome, r.outcome <> 'o' and r.blame <> 'm' as is_excused
  from results r where r.period = $1
), counted as (
  select slice, step, s.task_id as "taskId",
    case when is_organic then 'organic' else 'synthetic' end as kind,
    case when is_excused then 'excused' when outcome = 'o' then 'ok' when outcome = 'r' then 'rateLimited' else 'failed' end as outcome,
    count(*)::int as count
  from placed join series s on s.id = placed.series_id
  group by 1, 2, 3, 4, 5
)
select *, (sum(count) over ())::float8 as requests from counted order by kind desc, count desc limit $6`;

const rowSchema = z.object({
  ...{ slice: z.int(), step: z.int(), taskId: z.string(), count: z.int(), requests: z.number() },
  kind: z.enum(["synthetic", "organic"]),
  outcome: z.enum(["ok", "rateLimited", "failed", "excused"]),
});

/** The requests of a period that has a report, as dots; null where it has none. */
export async function readPeriodRequests(pool: pg.Pool, period: number): Promise<PeriodRequests | null> {
  const found = await pool.query({ name: "read-reported-period", text: periodText, values: [whole(period)] });
  const [row] = found.rows;
  if (row === undefined) return null;
  const record = { period: Number(row.period), startsAtMs: Number(row.starts_at_ms), endsAtMs: Number(row.ends_at_ms) };
  const values = [record.period, record.startsAtMs, record.endsAtMs, DOT_SLICES, DOT_STEPS, MOST_DOTS];
  const { rows } = await pool.query({ text: dotsText, values });
  const placed = rows.map((each) => rowSchema.parse(each));
  const requests = placed[0]?.requests ?? 0;
  return toPeriodRequests(record, { placed: placed.map(({ requests: _, ...dot }) => dot), requests });
}
