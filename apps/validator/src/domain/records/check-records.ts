import type { Answer, RequestBody, SamplerName } from "@vision/protocol";
import type { AnswerEvidence, AnswerTiming } from "@vision/scoring";
import type { AnswerReceipt } from "@vision/signing";

/** An answer that waits to be checked, with its timing. */
export type CheckRecord = AnswerTiming & {
  readonly requestId: string;
  readonly period: number;
  readonly hotkey: string;
  readonly taskId: string;
  /** The request as sent to the miner. */
  readonly request: RequestBody;
  readonly answer: Answer;
  /** The miner's signature under the answer; null where there is none. */
  readonly receipt: AnswerReceipt | null;
  /** How the miner says that it draws the task's tokens. */
  readonly sampler: SamplerName;
  readonly isOrganic: boolean;
};

/** A claimed check. `attempts` counts this one. */
export type ClaimedCheck = CheckRecord & { readonly attempts: number };

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
  readonly receipt: AnswerReceipt | null;
  readonly isOrganic: boolean;
  /** What the answer tells of the engine behind it; null where it tells nothing. */
  readonly evidence: AnswerEvidence | null;
};
