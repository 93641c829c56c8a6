import type { RequestVerdict } from "@vision/protocol";
import type {
  CheckClaim,
  CheckRelease,
  ClaimedCheck,
  KeptReceipt,
  PendingChecks,
  SampleRecord,
  VerdictRows,
  VerdictsQuery,
} from "../domain/records/index.js";

/** Answers that wait to be checked, and what was found. */
export type CheckStore = {
  /** Claims up to `limit` waiting checks for `leaseMs`; miners and tasks with the fewest samples first. A claim that is not settled in time is handed out again. */
  claimChecks(claim: CheckClaim): Promise<readonly ClaimedCheck[]>;
  /** Settles a claimed check with its sample. */
  recordSample(sample: SampleRecord): Promise<void>;
  /** The receipt that a sample was recorded with; null where there is none. `requestId` is a UUID. */
  getReceipt(requestId: string): Promise<KeptReceipt | null>;
  /**
   * Verdicts on one miner's answers, by period and then as they were found. Only of periods whose public report is kept: before, they would
   * tell which requests are looked at while it matters.
   */
  getVerdicts(query: VerdictsQuery): Promise<VerdictRows>;
  /** Gives a claimed check up; see {@link CheckRelease}. */
  releaseCheck(requestId: string, release: CheckRelease): Promise<void>;
  /**
   * What came of checking answers, by request id (UUIDs); `open` until the report of their period is out. Without those that are not
   * recorded (yet).
   */
  getRequestVerdicts(requestIds: readonly string[]): Promise<ReadonlyMap<string, RequestVerdict>>;
  countPendingChecks(): Promise<number>;
  /** Waiting checks by miner and task, to hold the backlog within bounds. */
  countPendingChecksBySeries(): Promise<readonly PendingChecks[]>;
};
