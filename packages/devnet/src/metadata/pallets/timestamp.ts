import type { ValueOf } from "../../scale/codec.js";
import { compactU64, u64 } from "../../scale/primitives.js";
import { holding, variant } from "../../scale/records.js";
import { stored } from "../storage-item.js";

export const timestampCall = variant("pallet_timestamp::pallet::Call", { set: holding(0, { now: compactU64 }) }, [
  { name: "T", codec: null },
]);
export type TimestampCall = ValueOf<typeof timestampCall>;

export const timestampStorage = { now: stored("Timestamp", "Now", [], u64, 0n) } as const;
