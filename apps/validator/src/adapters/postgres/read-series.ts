import { type AnswerSample, BIN_EDGES, type MinerTaskSeries, type PeriodTally } from "@vision/scoring";
import type pg from "pg";
import { z } from "zod";
import type { ScoreStore } from "../../ports/index.js";
import { whole } from "./clean-values.js";

// The largest read of the program: a week of 256 miners and 20 tasks is 860 000 rows. One array per series keeps it at 5 000.
const talliesText = `
select s.hotkey, s.task_id,
  coalesce(max(t.declared_capacity_per_hour) filter (where p.period = n.newest), 0),
  array_agg(t.period order by t.period) filter (where p.is_listed),
  array_agg(t.declared_capacity_per_hour * (p.ends_at_ms - p.starts_at_ms) / 3600000.0 order by t.period) filter (where p.is_listed),
  array_agg(t.attempted_units order by t.period) filter (where p.is_listed),
  array_agg(t.completed_units order by t.period) filter (where p.is_listed),
  array_agg(t.rate_limited_units order by t.period) filter (where p.is_listed),
  array_agg(t.failed_units order by t.period) filter (where p.is_listed),
  array_agg(t.requests::float8 order by t.period) filter (where p.is_listed),
  array_agg(t.ok_count::float8 order by t.period) filter (where p.is_listed),
  array_agg(t.rate_limited_count::float8 order by t.period) filter (where p.is_listed),
  array_agg(t.failed_count::float8 order by t.period) filter (where p.is_listed),
  array_agg(coalesce(c.checked_count, 0)::float8 order by t.period) filter (where p.is_listed),
  array_agg(coalesce(c.passed_count, 0) order by t.period) filter (where p.is_listed),
  array_agg(t.planned_units order by t.period) filter (where p.is_listed),
  array_agg(coalesce(w.waiting_count, 0)::float8 order by t.period) filter (where p.is_listed)
from tallies t
join (select period, starts_at_ms, ends_at_ms, (period <= $3 and (not is_open or $2)) as is_listed from periods) p using (period)
cross join (select coalesce(min(period) filter (where period > $3), max(period)) as newest from periods) n
join series s on s.id = t.series_id
left join (
  select series_id, period, count(*) as checked_count, sum(quality_fraction::float8) as passed_count
  from samples where period >= $1 group by series_id, period
) c on c.series_id = t.series_id and c.period = t.period
left join (
  select series_id, period, count(*) as waiting_count from checks where period >= $1 group by series_id, period
) w on w.series_id = t.series_id and w.period = t.period
where t.period >= $1 and t.period <= n.newest
group by s.id
order by s.hotkey, s.task_id`;

const samplesText = `
select hotkey, task_id,
  array_agg(period::float8 order by sequence),
  array_agg(quality_fraction order by sequence),
  array_agg(first_token_ms order by sequence),
  array_agg(duration_ms order by sequence),
  array_agg(units order by sequence),
  array_agg(reasons order by sequence),
  array_agg(is_organic order by sequence),
  array_agg(evidence order by sequence)
from (
  select *, row_number() over (partition by series_id order by period desc, sequence desc) as age
  from samples where period >= $1 and period <= coalesce((select min(period) from periods where period > $3), $3)
) newest join series s on s.id = newest.series_id
where age <= $2
group by s.id`;

const unusualText = `
select period, ((ends_at_ms - starts_at_ms) / 3600000.0)::float8 as hours from periods
where period >= $1 and abs(ends_at_ms - starts_at_ms - $2::bigint) > $2::bigint / 100.0`;

type TallyRow = readonly [string, string, number, ...(readonly number[] | null)[]];
type SampleRow = readonly [
  hotkey: string,
  taskId: string,
  number[],
  number[],
  (number | null)[],
  number[],
  number[],
  string[],
  boolean[],
  string[],
];

const at = (column: readonly number[] | null | undefined, index: number): number => Number(column?.[index] ?? 0);

function toTallies([, , , ...columns]: TallyRow, hoursByPeriod: ReadonlyMap<number, number>): readonly PeriodTally[] {
  return (columns[0] ?? []).map((period, index) => ({
    period: Number(period),
    ...hoursOf(hoursByPeriod.get(Number(period))),
    declaredCapacityUnits: at(columns[1], index),
    plannedUnits: at(columns[12], index),
    attemptedUnits: at(columns[2], index),
    completedUnits: at(columns[3], index),
    rateLimitedUnits: at(columns[4], index),
    failedUnits: at(columns[5], index),
    requests: at(columns[6], index),
    okCount: at(columns[7], index),
    rateLimitedCount: at(columns[8], index),
    failedCount: at(columns[9], index),
    checkedCount: at(columns[10], index),
    passedCount: at(columns[11], index),
    ...waitingOf(at(columns[13], index)),
  }));
}

/** Most periods have none: a week of a full subnet would say so 860 000 times. */
const waitingOf = (waitingCount: number) => (waitingCount === 0 ? {} : { waitingCount });

const hoursOf = (hours: number | undefined) => (hours === undefined ? {} : { hours });

const countsSchema = z.array(z.number()).length(BIN_EDGES.length + 1);
const evidenceSchema = z.object({
  isGreedy: z.boolean(),
  margins: countsSchema.nullable(),
  claims: countsSchema,
  surprise: z.object({ excessNats: z.number(), variance: z.number() }).nullable(),
});

/** The stored evidence; that of another version tells nothing. */
export function readEvidence(stored: string | undefined): Pick<AnswerSample, "evidence"> {
  if (stored === undefined || stored === "") return {};
  try {
    const parsed = evidenceSchema.safeParse(JSON.parse(stored));
    return parsed.success ? { evidence: parsed.data } : {};
  } catch {
    return {};
  }
}

/**
 * Series of every miner and task that has a row since `fromPeriod`. The declared capacity is that of the newest period's plan, 0 for who
 * is not in it. The reads share one snapshot.
 */
export async function readSeries(pool: pg.Pool, options: Parameters<ScoreStore["getSeries"]>[0]): Promise<readonly MinerTaskSeries[]> {
  const client = await pool.connect();
  try {
    await client.query("begin isolation level repeatable read read only");
    const fromPeriod = whole(options.fromPeriod);
    const untilPeriod = whole(options.untilPeriod ?? Number.MAX_SAFE_INTEGER);
    const tallies = await client.query<[...TallyRow]>({
      rowMode: "array",
      text: talliesText,
      values: [fromPeriod, options.isOpenPeriodIncluded, untilPeriod],
    });
    const samples = await client.query<[...SampleRow]>({
      rowMode: "array",
      text: samplesText,
      values: [fromPeriod, whole(options.samplesPerSeries), untilPeriod],
    });
    const unusual = await client.query<{ readonly period: string; readonly hours: number }>(unusualText, [
      fromPeriod,
      options.usualPeriodMs === undefined ? null : whole(options.usualPeriodMs),
    ]);
    await client.query("commit");
    client.release();

    const samplesBySeries = new Map<string, readonly AnswerSample[]>();
    for (const [hotkey, taskId, periods, qualities, firstTokens, durations, units, reasons, organic, evidence] of samples.rows) {
      samplesBySeries.set(
        `${hotkey} ${taskId}`,
        periods.map((period, index) => ({
          period,
          qualityFraction: at(qualities, index),
          firstTokenMs: firstTokens[index] ?? null,
          durationMs: at(durations, index),
          units: at(units, index),
          ...(reasons[index] ? { reasons: reasons[index].split("\n") } : {}),
          ...(organic[index] ? { isOrganic: true } : {}),
          ...readEvidence(evidence[index]),
        })),
      );
    }
    const hoursByPeriod = new Map(unusual.rows.map(({ period, hours }) => [Number(period), hours]));
    return tallies.rows.map((row) => ({
      hotkey: row[0],
      taskId: row[1],
      declaredCapacityPerHour: row[2],
      periods: toTallies(row, hoursByPeriod),
      samples: samplesBySeries.get(`${row[0]} ${row[1]}`) ?? [],
    }));
  } catch (error) {
    client.release(true);
    throw error;
  }
}
