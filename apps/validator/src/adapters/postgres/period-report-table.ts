import { type PeriodReport, periodReportSchema } from "@vision/protocol";
import type { Kysely } from "kysely";
import type { ScoreStore } from "../../ports/index.js";
import { toJson, whole } from "./clean-values.js";
import type { Tables } from "./tables.js";

type PeriodReportTable = Pick<ScoreStore, "savePeriodReport" | "getLatestPeriodReport" | "getPeriodReport" | "listReportedPeriods">;

function toReport(row: Tables["period_reports"] | undefined): PeriodReport | null {
  return row === undefined ? null : periodReportSchema.parse(row.report);
}

/** Public reports of closed periods. */
export function createPeriodReportTable(database: Kysely<Tables>): PeriodReportTable {
  return {
    async savePeriodReport(report) {
      const values = { report: toJson(report) };
      await database
        .insertInto("period_reports")
        .values({ period: whole(report.period), ...values })
        .onConflict((conflict) => conflict.column("period").doUpdateSet(values))
        .execute();
    },
    getLatestPeriodReport: async () =>
      toReport(await database.selectFrom("period_reports").selectAll().orderBy("period", "desc").limit(1).executeTakeFirst()),
    async listReportedPeriods(limit) {
      const rows = await database.selectFrom("period_reports").select("period").orderBy("period", "desc").limit(whole(limit)).execute();
      return rows.map(({ period }) => period);
    },
    getPeriodReport: async (period) =>
      toReport(await database.selectFrom("period_reports").selectAll().where("period", "=", whole(period)).executeTakeFirst()),
  };
}
