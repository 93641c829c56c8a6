import type { RequestVerdict } from "@vision/protocol";
import type {
  CheckClaim,
  CheckRelease,
  CheckTerms,
  ClaimedCheck,
  FoundSamples,
  HeldCheck,
  KeptReceipt,
  PendingChecks,
  SampleRecord,
  VerdictRows,
  VerdictsQuery,
} from "../domain/records/index.js";

/** Answers that wait to be checked, and what was found. */
export type CheckStore = {
  /**
   * Claims up to `limit` waiting checks for `leaseMs`. Miners and tasks take turns: those whose last turn is longest ago come first,
   * newcomers before all. A claim that is not settled in time is handed out again.
   */
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
  /** Gives claims up; see {@link CheckRelease}. Those that ran out and were handed out again are left alone. */
  releaseChecks(held: readonly HeldCheck[], release: CheckRelease): Promise<void>;
  /** Makes claims last `leaseMs` from now. Returns the request ids of those that are still held. */
  renewChecks(held: readonly HeldCheck[], lease: { readonly leaseMs: number; readonly nowMs?: number }): Promise<readonly string[]>;
  /** Samples of this period and the one before that were recorded behind a place; of `null` only the newest place. */
  getSamplesAfter(sequence: number | null): Promise<FoundSamples>;
  /** The terms that the validator has set; null before it did. */
  getCheckTerms(): Promise<CheckTerms | null>;
  setCheckTerms(terms: CheckTerms): Promise<void>;
  /**
   * What came of checking answers, by request id (UUIDs); `open` until the report of their period is out. Without those that are not
   * recorded (yet).
   */
  getRequestVerdicts(requestIds: readonly string[]): Promise<ReadonlyMap<string, RequestVerdict>>;
  countPendingChecks(): Promise<number>;
  /** Waiting checks by miner and task, to hold the backlog within bounds. */
  countPendingChecksBySeries(): Promise<readonly PendingChecks[]>;
};
