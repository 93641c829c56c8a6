import { cutDistances, truncationOf } from "./candidates.js";
import type { DrawnAnswer } from "./measure-draws.js";
import { createLogitShift } from "./penalties.js";
import { knownCandidates, tailMassOf } from "./scored-position.js";

/** What the tokens of an answer say about the distribution that they were drawn from. */
export type Surprise = {
  /** Sum of (-ln p - entropy) over the tokens, nats; 0 on average for honest draws. */
  readonly excessNats: number;
  /** Variance of that sum for honest draws. */
  readonly variance: number;
  /** Tokens that the request's truncation does not leave, by more than a nat. */
  readonly unsupported: number;
};

const OUTSIDE_NATS = -1;

/**
 * How surprising an answer's tokens are against how surprising they ought to be. Only tokens among the k best count, each by its share of
 * these, so that expectation and variance are exact whatever lies beyond.
 *
 * It tells nothing of a single answer; over many, too cold, too hot and other models' draws show.
 */
export function measureSurprise({ positions, promptTokens, sampler, rules }: Omit<DrawnAnswer, "seed">): Surprise {
  const { temperature } = rules;
  const sum = { excessNats: 0, variance: 0, unsupported: 0 };
  if (temperature === 0) return sum;
  const shift = createLogitShift(sampler, rules, promptTokens);
  const truncation = truncationOf(sampler, rules);
  for (const position of positions) {
    const best = { ...position, tokenId: position.bestIds[0] ?? 0, logprob: position.bestLogprobs[0] ?? 0 };
    const candidates = knownCandidates(best, shift);
    shift.advance(position.tokenId);
    const { logits, tokenIds } = candidates;
    const tail = tailMassOf(candidates, temperature);
    const { possible } = cutDistances(candidates, { sampler, truncation, temperature, tail });
    const at = Array.prototype.indexOf.call(tokenIds, position.tokenId);
    if ((possible[at === -1 ? logits.length - 1 : at] ?? 0) < OUTSIDE_NATS) sum.unsupported += 1;
    if (at === -1) continue;
    const masses = Array.from({ length: logits.length }, (_, index) =>
      (possible[index] ?? 0) >= 0 ? Math.exp(((logits[index] ?? 0) - (logits[0] ?? 0)) / temperature) : 0,
    );
    const ownMass = masses[at] ?? 0;
    if (ownMass === 0) continue;
    const total = masses.reduce((whole, mass) => whole + mass, 0);
    let entropy = 0;
    let square = 0;
    for (const mass of masses) {
      if (mass === 0) continue;
      const surprise = -Math.log(mass / total);
      entropy += (mass / total) * surprise;
      square += (mass / total) * surprise * surprise;
    }
    sum.excessNats += -Math.log(ownMass / total) - entropy;
    sum.variance += square - entropy * entropy;
  }
  return sum;
}
