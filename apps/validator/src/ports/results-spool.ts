import type { CheckRecord, ResultRecord } from "../domain/records/index.js";

/** A result that the store was never given, and its answer where that is to be checked. */
export type SpooledResult = { readonly result: ResultRecord; readonly check: CheckRecord | null };

/** Where results go that the store could not be given before the process had to end. */
export type ResultsSpool = {
  /** Keeps them, blocking until they are on the disk: the process may be ending. Returns how many were kept. */
  save(entries: readonly SpooledResult[]): number;
  /** What earlier processes have left, some at a time. */
  read(): AsyncIterable<readonly SpooledResult[]>;
  /** Forgets what was read, once all of it is in the store. */
  clear(): Promise<void>;
};
