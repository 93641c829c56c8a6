import type { FaultCode } from "@vision/protocol";
import type { AnswerEvidence } from "../evidence/answer-evidence.js";

/**
 * The judgement of one answer against a reference.
 *
 * `inconclusive` means the validator could not tell: it makes no sample and costs the miner nothing.
 */
export type Verdict =
  | {
      readonly kind: "judged";
      /** 0 to 1; exactly 1 for an answer without a fault. */
      readonly qualityFraction: number;
      /** Plain words, one entry per fault that lowered the quality; empty for an honest answer. */
      readonly reasons: readonly string[];
      /** What the worst of them is; left out where there is none. */
      readonly fault?: FaultCode;
      /** What the answer tells of its engine beyond its own quality; left out where it tells nothing. */
      readonly evidence?: AnswerEvidence;
    }
  | { readonly kind: "inconclusive"; readonly reason: string };

/** A verdict that was reached. */
export type JudgedVerdict = Extract<Verdict, { readonly kind: "judged" }>;

/** The verdict on an answer that is worth nothing. */
export function judgedWorthless(fault: FaultCode, reason: string): JudgedVerdict {
  return { kind: "judged", qualityFraction: 0, reasons: [reason], fault };
}
