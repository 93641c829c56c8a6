import type { Answer, FaultCode, MinerVerdict, RequestBody, SamplerName } from "@vision/protocol";
import type { AnswerEvidence, AnswerTiming } from "@vision/scoring";
import type { AnswerReceipt, ReceiptClaim } from "@vision/signing";

/** An answer that waits to be checked, with its timing. */
export type CheckRecord = AnswerTiming & {
  readonly requestId: string;
  readonly period: number;
  readonly hotkey: string;
  readonly taskId: string;
  /** The request as sent to the miner. */
  readonly request: RequestBody;
  readonly answer: Answer;
  /** The miner's claim to have signed the answer, verified when the answer is checked; null where none was asked for. */
  readonly receipt: ReceiptClaim | null;
  /** How the miner says that it draws the task's tokens. */
  readonly sampler: SamplerName;
  readonly isOrganic: boolean;
};

/** A claimed check. `attempts` counts this one. */
export type ClaimedCheck = CheckRecord & { readonly attempts: number };

/** Which checks are claimed, and for how long. */
export type CheckClaim = {
  readonly limit: number;
  /** Left out it is the time of the store's own clock, on which all machines agree. */
  readonly nowMs?: number;
  readonly leaseMs: number;
  /** Tasks whose checks are left where they are. */
  readonly exceptTasks?: readonly string[];
  /** Only this task's checks, those with the fewest attempts before all others: for trying one after another. */
  readonly onlyTask?: string;
  /** Only checks of these tasks. */
  readonly onlyTasks?: readonly string[];
};

/** A claim of a check. Whoever claims it after that has other attempts, so that a claim that ran out changes nothing any more. */
export type HeldCheck = Pick<ClaimedCheck, "requestId" | "attempts">;

/** What all who check a validator's answers have to agree on with it, so that they judge as it would. */
export type CheckTerms = {
  /** ss58 address of the validator that asked for the answers. */
  readonly validator: string;
  /** Of its program. */
  readonly version: string;
  /** Its tasks by id, as plain data. */
  readonly tasks: Readonly<Record<string, unknown>>;
};

/**
 * What becomes of a claimed check that is not settled: `retry` puts it back, `untried` too, with the attempt given back, and `drop` ends it
 * without a sample. Inconclusive, never a zero.
 */
export type CheckRelease = "retry" | "untried" | "drop";

/** Waiting checks of one miner at one task. */
export type PendingChecks = { readonly hotkey: string; readonly taskId: string; readonly count: number };

/** Judgement of one answer, kept as a scoring sample. */
export type SampleRecord = AnswerTiming & {
  readonly requestId: string;
  readonly period: number;
  readonly hotkey: string;
  readonly taskId: string;
  readonly qualityFraction: number;
  readonly reasons: readonly string[];
  /** What the worst of the reasons is, for programs; left out where there is none. */
  readonly fault?: FaultCode;
  /** The miner's signature over the answer, as it came: a wrong one is kept too, with a quality of 0. */
  readonly receipt: AnswerReceipt | null;
  readonly isOrganic: boolean;
  /** What the answer tells of the engine behind it; null where it tells nothing. */
  readonly evidence: AnswerEvidence | null;
};

/** What routing is told of a sample. */
export type FoundSample = AnswerTiming & Pick<SampleRecord, "hotkey" | "taskId" | "qualityFraction">;

/** Samples in the order of their recording, and the place of the last one. */
export type FoundSamples = { readonly samples: readonly FoundSample[]; readonly sequence: number };

/** A receipt that is kept, and whose it is. */
export type KeptReceipt = { readonly hotkey: string; readonly receipt: AnswerReceipt };

/** Which verdicts a miner is shown. */
export type VerdictsQuery = {
  readonly hotkey: string;
  /** Of requests that were sent then or later, Unix milliseconds. */
  readonly sinceMs: number;
  /** Those after this row only; null from the first. */
  readonly after: VerdictPlace | null;
  readonly limit: number;
};

/** A verdict's place in the order of verdicts. */
export type VerdictPlace = { readonly period: number; readonly sequence: number };

/** Verdicts in order, and the last one's place where there may be more. */
export type VerdictRows = { readonly verdicts: readonly MinerVerdict[]; readonly next: VerdictPlace | null };
