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
      /** What the answer tells of its engine beyond its own quality; left out where it tells nothing. */
      readonly evidence?: AnswerEvidence;
    }
  | { readonly kind: "inconclusive"; readonly reason: string };
