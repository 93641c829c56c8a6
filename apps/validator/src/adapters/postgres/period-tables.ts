import { type Kysely, type Selectable, sql } from "kysely";
import type { OpenPeriod, PeriodRecord, PlannedProbe } from "../../domain/records/index.js";
import type { PeriodStore } from "../../ports/index.js";
import { cleanText, count, finite, whole } from "./clean-values.js";
import { seriesIds } from "./series-ids.js";
import type { Tables } from "./tables.js";

const SWITCH_LOCK_KEY = 7_602_481_934; // any fixed number; it only has to be ours

const periodColumns = ["period", "starts_at_ms", "ends_at_ms", "seed", "common_seed"] as const;

function toPeriod(row: Pick<Tables["periods"], (typeof periodColumns)[number]>): PeriodRecord {
  const { period, starts_at_ms: startsAtMs, ends_at_ms: endsAtMs, seed, common_seed: commonSeed } = row;
  return { period, startsAtMs, endsAtMs, seed, commonSeed };
}

type TallyRow = Selectable<Tables["tallies"] & Pick<Tables["series"], "hotkey" | "task_id">>;

function toProbe(row: TallyRow): OpenPeriod["probes"][number] {
  return {
    hotkey: row.hotkey,
    taskId: row.task_id,
    declaredCapacityPerHour: row.declared_capacity_per_hour,
    triedFraction: row.tried_fraction,
    plannedUnits: row.planned_units,
    plannedRequests: row.planned_requests,
    attemptedUnits: row.attempted_units,
    completedUnits: row.completed_units,
    rateLimitedUnits: row.rate_limited_units,
    failedUnits: row.failed_units,
    requests: row.requests,
    okCount: row.ok_count,
    rateLimitedCount: row.rate_limited_count,
    failedCount: row.failed_count,
    organicCount: row.organic_count,
  };
}

type PeriodTables = Pick<PeriodStore, "getPeriodsToReport" | "getOpenPeriod" | "getNewestPeriod" | "switchPeriod">;

/** Scoring periods and their plans. */
export function createPeriodTables(database: Kysely<Tables>): PeriodTables {
  return {
    getOpenPeriod() {
      // One snapshot for both reads: the plan must be that of the period.
      return database
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute(async (transaction): Promise<OpenPeriod | null> => {
          const period = await transaction.selectFrom("periods").select(periodColumns).where("is_open", "=", true).executeTakeFirst();
          if (period === undefined) return null;
          const rows = await transaction
            .selectFrom("tallies")
            .innerJoin("series", "series.id", "tallies.series_id")
            .selectAll()
            .where("period", "=", period.period)
            .orderBy("hotkey")
            .orderBy("task_id")
            .execute();
          return { ...toPeriod(period), probes: rows.map(toProbe) };
        });
    },

    getPeriodsToReport(limit) {
      return database
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute(async (transaction): Promise<readonly OpenPeriod[]> => {
          const { rows: periods } = await toReport(whole(limit)).execute(transaction);
          const numbers = periods.map(({ period }) => period);
          if (numbers.length === 0) return [];
          const rows = await transaction
            .selectFrom("tallies")
            .innerJoin("series", "series.id", "tallies.series_id")
            .selectAll()
            .where("period", "in", numbers)
            .orderBy("hotkey")
            .orderBy("task_id")
            .execute();
          return periods.map((period) => ({
            ...toPeriod(period),
            probes: rows.filter((row) => row.period === period.period).map(toProbe),
          }));
        });
    },

    async getNewestPeriod() {
      const row = await database.selectFrom("periods").select(periodColumns).orderBy("period", "desc").limit(1).executeTakeFirst();
      return row === undefined ? null : toPeriod(row);
    },

    switchPeriod: (next, probes) =>
      database.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(${SWITCH_LOCK_KEY})`.execute(transaction);
        await transaction.updateTable("periods").set({ is_open: false }).where("is_open", "=", true).execute();
        const period = whole(next.period);
        const seeds = { seed: next.seed, common_seed: next.commonSeed };
        const times = { starts_at_ms: whole(next.startsAtMs), ends_at_ms: whole(next.endsAtMs), ...seeds, is_open: true };
        await transaction
          .insertInto("periods")
          .values({ period, ...times })
          .onConflict((conflict) => conflict.column("period").doUpdateSet(times))
          .execute();
        await insertPlan(period, probes).execute(transaction);
      }),
  };
}

/** Adding up a report costs as much as reading it, so only the newest are compared with what was recorded. */
function toReport(limit: number) {
  return sql<Pick<Tables["periods"], (typeof periodColumns)[number]>>`
with closed as (
  select p.period, p.starts_at_ms, p.ends_at_ms, p.seed, p.common_seed, r.report, row_number() over (order by p.period desc) as age
  from periods p left join period_reports r using (period)
  where not p.is_open
)
select period, starts_at_ms, ends_at_ms, seed, common_seed from closed
where report is null or (age <= 3 and
  (select coalesce(sum((task ->> 'requests')::bigint), 0)
    from jsonb_array_elements(report -> 'miners') miner, jsonb_array_elements(miner -> 'tasks') task)
  < (select coalesce(sum(requests), 0) from tallies t where t.period = closed.period))
order by period
limit ${limit}`;
}

/** A late result may have made the row before its plan; its counts stay. */
function insertPlan(period: number, probes: readonly PlannedProbe[]) {
  return sql`
with incoming as (
  select * from unnest(
    ${probes.map((probe) => cleanText(probe.hotkey))}::text[],
    ${probes.map((probe) => cleanText(probe.taskId))}::text[],
    ${probes.map((probe) => finite(probe.declaredCapacityPerHour))}::float8[],
    ${probes.map((probe) => finite(probe.triedFraction))}::float8[],
    ${probes.map((probe) => finite(probe.plannedUnits))}::float8[],
    ${probes.map((probe) => count(probe.plannedRequests))}::integer[])
    as t(hotkey, task_id, declared_capacity_per_hour, tried_fraction, planned_units, planned_requests)
), ${sql.raw(seriesIds("incoming"))}
insert into tallies (period, series_id, declared_capacity_per_hour, tried_fraction, planned_units, planned_requests)
select ${period}::bigint, series_id, declared_capacity_per_hour, tried_fraction, planned_units, planned_requests
from incoming join series_ids using (hotkey, task_id)
order by series_id
on conflict (period, series_id) do update set
  declared_capacity_per_hour = excluded.declared_capacity_per_hour,
  tried_fraction = excluded.tried_fraction,
  planned_units = excluded.planned_units,
  planned_requests = excluded.planned_requests`;
}
