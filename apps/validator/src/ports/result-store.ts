import type { CheckRecord, ResultRecord } from "../domain/records/index.js";

/** What came of requests. */
export type ResultStore = {
  /** Adds results and the checks that come with them, and grows the counts of their periods; idempotent by request id. */
  recordResults(results: readonly ResultRecord[], checks: readonly CheckRecord[]): Promise<void>;
};
