import type { Kysely } from "kysely";
import { packScoringInputs } from "../../domain/pack-scoring-inputs.js";
import type { EpochRecord } from "../../domain/records/index.js";
import { KEPT_SCORING_INPUTS, type ScoreStore } from "../../ports/index.js";
import { toJson, whole } from "./clean-values.js";
import { parseStoredEpoch } from "./parse-stored-epoch.js";
import type { Tables } from "./tables.js";

type EpochTable = Pick<ScoreStore, "saveEpoch" | "getLatestEpoch" | "getEpoch" | "getScoringInputs">;

function toRecord(row: Tables["epoch_reports"] | undefined): EpochRecord | null {
  if (row === undefined) return null;
  return { period: row.period, createdAtMs: row.created_at_ms, report: parseStoredEpoch(row.report) };
}

/** Scores at the end of each period. */
export function createEpochTable(database: Kysely<Tables>): EpochTable {
  return {
    async saveEpoch(record, inputs) {
      const period = whole(record.period);
      const values = { created_at_ms: whole(record.createdAtMs), report: toJson(record.report) };
      const packed = inputs === undefined ? null : await packScoringInputs(inputs);
      await database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto("epoch_reports")
          .values({ period, ...values })
          .onConflict((conflict) => conflict.column("period").doUpdateSet(values))
          .execute();
        await transaction.deleteFrom("scoring_inputs").where("period", "=", period).execute();
        if (packed !== null) await transaction.insertInto("scoring_inputs").values({ period, gzip_json: packed }).execute();
        // By what is there, not by the number: a period whose number jumped must not take all others with it.
        await transaction
          .deleteFrom("scoring_inputs")
          .where("period", "in", (kept) =>
            kept.selectFrom("scoring_inputs").select("period").orderBy("period", "desc").limit(1_000).offset(KEPT_SCORING_INPUTS),
          )
          .execute();
      });
    },
    getLatestEpoch: async () =>
      toRecord(await database.selectFrom("epoch_reports").selectAll().orderBy("period", "desc").limit(1).executeTakeFirst()),
    getEpoch: async (period) =>
      toRecord(await database.selectFrom("epoch_reports").selectAll().where("period", "=", whole(period)).executeTakeFirst()),
    async getScoringInputs(period) {
      const all = database.selectFrom("scoring_inputs").select("gzip_json");
      const one = period === "latest" ? all.orderBy("period", "desc").limit(1) : all.where("period", "=", whole(period));
      return (await one.executeTakeFirst())?.gzip_json ?? null;
    },
  };
}
