import type { TaskCheck } from "@vision/protocol";
import { judgedWorthless, type Verdict } from "./verdict.js";

/** Largest share by which a vector may be longer or shorter than the reference's: users compare by products as well as by cosines. */
const LENGTH_TOLERANCE = 0.02;
/** Quality falls to 0 where a vector is so many times as far from a cosine of 1 as the task allows. */
const FALL = 10;

/** Cosine of the angle between two vectors of one dimension, and the first's length by the second's. NaN where either is all zeros. */
function compare(own: ArrayLike<number>, reference: ArrayLike<number>): { readonly cosine: number; readonly lengthRatio: number } {
  let product = 0;
  let ownSquares = 0;
  let referenceSquares = 0;
  for (let at = 0; at < reference.length; at += 1) {
    const a = own[at] ?? 0;
    const b = reference[at] ?? 0;
    product += a * b;
    ownSquares += a * a;
    referenceSquares += b * b;
  }
  return { cosine: product / Math.sqrt(ownSquares * referenceSquares), lengthRatio: Math.sqrt(ownSquares / referenceSquares) };
}

/**
 * Judges vectors by their cosine with those that the reference made of the same texts: 1 from the task's `minCosine` on, and falling to 0 in
 * a straight line where a vector is ten times as far from 1. The worst vector counts, so that no input can be left out.
 *
 * @param reference - One vector for each input, none of them all zeros.
 * @param answer - One for each input; null for what is no vector.
 */
export function judgeEmbeddings(
  reference: readonly ArrayLike<number>[],
  answer: readonly (ArrayLike<number> | null)[],
  check: TaskCheck,
): Verdict {
  if (check.kind === "none") return { kind: "judged", qualityFraction: 1, reasons: [] };
  if (check.kind !== "embed") return { kind: "inconclusive", reason: `embeddings cannot be checked by ${check.kind}` };
  if (answer.length !== reference.length) return judgedWorthless("vectorCount", `${answer.length} vectors instead of ${reference.length}`);
  let worst = 1;
  let worstAt = 0;
  for (const [index, expected] of reference.entries()) {
    const own = answer[index] ?? null;
    if (own === null) return judgedWorthless("brokenVector", `vector ${index} is none`);
    if (own.length !== expected.length)
      return judgedWorthless("brokenVector", `the vectors have ${own.length} numbers, not ${expected.length}`);
    const { cosine, lengthRatio } = compare(own, expected);
    if (!(cosine >= -1 - 1e-6)) return judgedWorthless("brokenVector", `vector ${index} is all zeros or not finite`);
    if (Math.abs(lengthRatio - 1) > LENGTH_TOLERANCE)
      return judgedWorthless("otherVector", `vector ${index} is ${lengthRatio.toFixed(3)} times as long as it should be`);
    if (cosine < worst) {
      worst = cosine;
      worstAt = index;
    }
  }
  if (worst >= check.minCosine) return { kind: "judged", qualityFraction: 1, reasons: [] };
  const allowed = 1 - check.minCosine;
  const fraction = allowed > 0 ? Math.max(0, 1 - (check.minCosine - worst) / ((FALL - 1) * allowed)) : 0;
  const reason = `vector ${worstAt} has a cosine of ${worst.toFixed(5)} with the reference's, below ${check.minCosine}`;
  return { kind: "judged", qualityFraction: fraction, reasons: [reason], fault: "otherVector" };
}
