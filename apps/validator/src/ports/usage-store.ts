import type { KeyCharges, KeyUsage } from "../domain/records/index.js";

/** What keys have used, by day and task. */
export type UsageStore = {
  /**
   * Adds to what is there, and charges the keys the work units of it, in one transaction; unless the writer's write of this number, or a later
   * one, was added already.
   *
   * @param write - The writer is a UUID, one for each process; its numbers grow.
   */
  addUsage(uses: readonly KeyUsage[], write: { readonly writer: string; readonly sequence: number }): Promise<void>;
  /** What those keys have been charged in a month, counted from January 1970 in UTC, and ever; keys that were charged nothing are not in it. */
  getCharges(keyIds: readonly string[], month: number): Promise<readonly KeyCharges[]>;
  /** What every key used since that day, over all tasks; keys that used nothing are not in it. */
  getUsageByKey(sinceDay: number): Promise<readonly Omit<KeyUsage, "taskId" | "day">[]>;
  /** The key's rows since that day, in any order. */
  getUsage(keyId: string, sinceDay: number): Promise<readonly KeyUsage[]>;
};
