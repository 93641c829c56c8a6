import { cutDistances, truncationOf } from "./candidates.js";
import type { DrawnAnswer } from "./measure-draws.js";
import { createLogitShift } from "./penalties.js";
import { knownCandidates, type ScoredPosition, tailMassOf } from "./scored-position.js";

/** A token that may be drawn: its place among the likeliest, 0 the best, and its logprob at temperature 1 and before penalties. */
export type PossibleToken = { readonly rank: number; readonly logprob: number };

/** Of what is not listed only bounds are known above temperature 1; the lower one is exceeded by less than this. */
const REST_FACTOR = 2;

/**
 * For each token of an answer, how likely it is that an honest draw at its place is one of those that are meant. Tokens that are not listed
 * count as one with the rank behind the last listed and its logprob, which is the most that they can have.
 *
 * @param isMeant - Which tokens of a place are asked about.
 * @returns Probabilities. Shape: as `positions`. All 0 at temperature 0, where nothing is drawn.
 */
export function drawProbabilities(
  { positions, promptTokens, sampler, rules }: Omit<DrawnAnswer, "seed">,
  isMeant: (token: PossibleToken, position: ScoredPosition) => boolean,
): readonly number[] {
  const { temperature } = rules;
  if (temperature === 0) return positions.map(() => 0);
  const shift = createLogitShift(sampler, rules, promptTokens);
  const truncation = truncationOf(sampler, rules);
  return positions.map((position) => {
    const { bestIds, bestLogprobs } = position;
    const candidates = knownCandidates({ ...position, tokenId: bestIds[0] ?? 0, logprob: bestLogprobs[0] ?? 0 }, shift);
    shift.advance(position.tokenId);
    const bounds = tailMassOf(candidates, temperature);
    const { possible } = cutDistances(candidates, { sampler, truncation, temperature, tail: bounds });
    const best = candidates.logits[0] ?? 0;
    let whole = 0;
    let meant = 0;
    const add = (token: PossibleToken, mass: number) => {
      whole += mass;
      if (isMeant(token, position)) meant += mass;
    };
    for (let index = 0; index < candidates.logits.length; index += 1) {
      if ((possible[index] ?? 0) < 0) continue;
      const rank = Array.prototype.indexOf.call(bestIds, candidates.tokenIds[index]);
      add(
        { rank, logprob: bestLogprobs[rank] ?? Number.NEGATIVE_INFINITY },
        Math.exp(((candidates.logits[index] ?? 0) - best) / temperature),
      );
    }
    // Where the last of the listed is cut, so is the rest.
    if ((possible[possible.length - 1] ?? 0) >= 0) {
      const rest = temperature <= 1 ? bounds.most : Math.min(bounds.most, REST_FACTOR * bounds.least);
      add({ rank: bestIds.length, logprob: candidates.mostRestLogprob }, rest);
    }
    return whole > 0 ? meant / whole : 0;
  });
}
