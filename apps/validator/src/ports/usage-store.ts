import type { KeyUsage } from "../domain/records/index.js";

/** What keys have used, by day and task. */
export type UsageStore = {
  /** Adds to what is there. */
  addUsage(uses: readonly KeyUsage[]): Promise<void>;
  /** The key's rows since that day, in any order. */
  getUsage(keyId: string, sinceDay: number): Promise<readonly KeyUsage[]>;
};
