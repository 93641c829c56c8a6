import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { toCommitted } from "../../domain/judge-reveals.js";
import type { WeightSetRecord } from "../../domain/records/index.js";
import type { WeightStore } from "../../ports/index.js";
import { cleanOptionalText, toJson, whole } from "./clean-values.js";
import type { Tables } from "./tables.js";

const weightsSchema = z.array(z.object({ uid: z.number(), weightU16: z.number() }));
const stateSchema = z.enum(["submitting", "set", "failed"]);
const outcomeSchema = z.enum(["pending", "revealed", "lost", "unknown"]);

function toRecord(row: Tables["weight_sets"]): WeightSetRecord {
  return {
    netuid: row.netuid,
    epochBlock: row.epoch_block,
    weights: weightsSchema.parse(row.weights),
    state: stateSchema.parse(row.state),
    includedAtBlock: row.included_at_block,
    detail: row.detail,
    reveal: row.reveal_block === null ? null : { block: row.reveal_block, outcome: outcomeSchema.parse(row.reveal_outcome) },
  };
}

/** Which weights were handed to the chain for which epoch. */
export function createWeightTable(database: Kysely<Tables>): WeightStore {
  return {
    async beginWeightSet({ netuid, epochBlock, weights, nowMs, staleAfterMs }) {
      const begun = { weights: toJson(weights), state: "submitting", begun_at_ms: whole(nowMs) };
      const values = { ...begun, included_at_block: null, detail: null, reveal_block: null, reveal_outcome: null };
      // Check and record in one statement. A submission that never finished (its process died) may be tried again after a while.
      const row = await database
        .insertInto("weight_sets")
        .values({ netuid: whole(netuid), epoch_block: whole(epochBlock), ...values })
        .onConflict((conflict) =>
          conflict
            .columns(["netuid", "epoch_block"])
            .doUpdateSet(values)
            .where(
              sql<boolean>`weight_sets.state = 'failed' or (weight_sets.state = 'submitting' and weight_sets.begun_at_ms <= ${whole(nowMs - staleAfterMs)})`,
            ),
        )
        .returning("epoch_block")
        .executeTakeFirst();
      return row !== undefined;
    },

    async finishWeightSet({ netuid, epochBlock, state, includedAtBlock, detail, committed = null }) {
      const reveal =
        committed === null
          ? { reveal_block: null, reveal_outcome: null }
          : { reveal_block: whole(committed.revealBlock), reveal_outcome: "pending", weights: toJson(committed.weights) };
      await database
        .updateTable("weight_sets")
        .set({ state, included_at_block: includedAtBlock, detail: cleanOptionalText(detail), ...reveal })
        .where("netuid", "=", netuid)
        .where("epoch_block", "=", epochBlock)
        .execute();
    },

    async getUnrevealedWeightSets(netuid) {
      const rows = await database
        .selectFrom("weight_sets")
        .selectAll()
        .where("netuid", "=", netuid)
        .where("state", "=", "set")
        .where("reveal_outcome", "=", "pending")
        .orderBy("epoch_block")
        .execute();
      return rows.map(toRecord).flatMap(toCommitted);
    },

    async finishReveal({ netuid, epochBlock, outcome }) {
      await database
        .updateTable("weight_sets")
        .set({ reveal_outcome: outcome })
        .where("netuid", "=", netuid)
        .where("epoch_block", "=", epochBlock)
        .where("reveal_outcome", "=", "pending")
        .execute();
    },

    async getSubmittingWeightSets(netuid) {
      const rows = await database
        .selectFrom("weight_sets")
        .selectAll()
        .where("netuid", "=", netuid)
        .where("state", "=", "submitting")
        .orderBy("epoch_block")
        .execute();
      return rows.map(toRecord);
    },

    async getLastWeightSet(netuid) {
      const row = await database
        .selectFrom("weight_sets")
        .selectAll()
        .where("netuid", "=", netuid)
        .where("state", "=", "set")
        .orderBy("epoch_block", "desc")
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : toRecord(row);
    },
  };
}
