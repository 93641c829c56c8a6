import { ChainError } from "../errors/chain-error.js";
import type { WeightU16 } from "../port.js";
import { MAX_WEIGHT_U16 } from "./to-weights-u16.js";

/** What a weight vector is checked against. */
export type WeightRules = {
  /** Neurons in the subnet: uids run from 0 to one less. */
  readonly neuronCount: number;
  readonly minAllowedWeights: number;
  /** uid of the setter, if known: a single weight on itself is always long enough. */
  readonly ownUid?: number;
};

/** Every reason why the chain would refuse the vector, under the chain's own name for it; empty when it is fine. */
export function findWeightMistakes(
  weights: readonly WeightU16[],
  rules: WeightRules,
): readonly { readonly chainName: string; readonly message: string }[] {
  const mistakes: { chainName: string; message: string }[] = [];
  if (weights.length > rules.neuronCount) {
    mistakes.push({
      chainName: "UidsLengthExceedUidsInSubNet",
      message: `${weights.length} weights for a subnet of ${rules.neuronCount} neurons`,
    });
  }
  const uids = weights.map((weight) => weight.uid);
  const duplicates = [...new Set(uids.filter((uid, index) => uids.indexOf(uid) !== index))];
  if (duplicates.length > 0) mistakes.push({ chainName: "DuplicateUids", message: `uids given twice: ${duplicates.join(", ")}` });
  const unknown = uids.filter((uid) => !Number.isInteger(uid) || uid < 0 || uid >= rules.neuronCount);
  if (unknown.length > 0) mistakes.push({ chainName: "UidVecContainInvalidOne", message: `uids that do not exist: ${unknown.join(", ")}` });
  const outOfRange = weights.filter(({ weightU16 }) => !Number.isInteger(weightU16) || weightU16 < 0 || weightU16 > MAX_WEIGHT_U16);
  if (outOfRange.length > 0) {
    mistakes.push({
      chainName: "MaxWeightExceeded",
      message: `weights outside 0 to 65535 at uids ${outOfRange.map((w) => w.uid).join(", ")}`,
    });
  }
  const isSelfWeight = weights.length === 1 && weights[0]?.uid === rules.ownUid;
  const needed = Math.min(rules.neuronCount, rules.minAllowedWeights);
  if (weights.length < needed && !isSelfWeight) {
    mistakes.push({ chainName: "WeightVecLengthIsLow", message: `${weights.length} weights, at least ${needed} are needed` });
  }
  return mistakes;
}

/**
 * Checks a vector against the rules of the subnet before anything is sent.
 *
 * @throws {@link ChainError} `CHAIN_INVALID_WEIGHTS` with all mistakes in its message and the first one's chain name.
 */
export function validateWeights(weights: readonly WeightU16[], rules: WeightRules): void {
  const mistakes = findWeightMistakes(weights, rules);
  const first = mistakes[0];
  if (first === undefined) return;
  throw new ChainError({
    code: "CHAIN_INVALID_WEIGHTS",
    message: `The weights cannot be set: ${mistakes.map((mistake) => mistake.message).join("; ")}.`,
    chainName: first.chainName,
    facts: { mistakes: mistakes.map((mistake) => mistake.chainName), weightCount: weights.length },
  });
}
