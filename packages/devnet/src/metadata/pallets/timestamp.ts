import type { ValueOf } from "../../scale/codec.js";
import { compactU64, u64 } from "../../scale/primitives.js";
import { holding, variant } from "../../scale/records.js";
import { stored } from "../storage-item.js";

/** The call of Timestamp that every block begins with; `now` in milliseconds since 1970. */
export const timestampCall = variant("pallet_timestamp::pallet::Call", { set: holding(0, { now: compactU64 }) }, [
  { name: "T", codec: null },
]);
/** A call of Timestamp: its name and its arguments. */
export type TimestampCall = ValueOf<typeof timestampCall>;

/** Storage of Timestamp: the block's time in milliseconds since 1970. */
export const timestampStorage = { now: stored("Timestamp", "Now", [], u64, 0n) } as const;
