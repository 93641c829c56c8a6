import { cutDistances, truncationOf } from "./candidates.js";
import type { DrawnAnswer } from "./measure-draws.js";
import { createLogitShift } from "./penalties.js";
import { knownCandidates, type ScoredPosition, tailMassOf } from "./scored-position.js";

/** A token that may be drawn: its place among the likeliest, 0 the best, and its logprob at temperature 1 and before penalties. */
export type PossibleToken = { readonly rank: number; readonly logprob: number };

/** Of what is not listed only bounds are known above temperature 1; the lower one is exceeded by less than this. */
const REST_FACTOR = 2;

/** Which tokens of a place are asked about. */
export type TokenKind = (token: PossibleToken, position: ScoredPosition) => boolean;

/**
 * For each token of an answer, how likely it is that an honest draw at its place is one of a kind; of several kinds in one pass. Tokens that are not listed
 * count as one with the rank behind the last listed and its logprob, which is the most that they can have.
 *
 * @returns Probabilities. Shape: as `kinds`, each as `positions`. All 0 at temperature 0, where nothing is drawn.
 */
export function drawProbabilities(
  { positions, promptTokens, sampler, rules }: Omit<DrawnAnswer, "seed">,
  kinds: readonly TokenKind[],
): readonly (readonly number[])[] {
  const { temperature } = rules;
  const chances = kinds.map(() => positions.map(() => 0));
  if (temperature === 0 || kinds.length === 0) return chances;
  const shift = createLogitShift(sampler, rules, promptTokens);
  const truncation = truncationOf(sampler, rules);
  for (const [place, position] of positions.entries()) {
    const { bestIds, bestLogprobs } = position;
    const candidates = knownCandidates({ ...position, tokenId: bestIds[0] ?? 0, logprob: bestLogprobs[0] ?? 0 }, shift);
    shift.advance(position.tokenId);
    const bounds = tailMassOf(candidates, temperature);
    const { possible } = cutDistances(candidates, { sampler, truncation, temperature, tail: bounds });
    const best = candidates.logits[0] ?? 0;
    let whole = 0;
    const meant = kinds.map(() => 0);
    const add = (token: PossibleToken, mass: number) => {
      whole += mass;
      for (const [kind, isOfKind] of kinds.entries()) if (isOfKind(token, position)) meant[kind] = (meant[kind] ?? 0) + mass;
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
    if (whole > 0) for (const [kind, ofKind] of chances.entries()) ofKind[place] = (meant[kind] ?? 0) / whole;
  }
  return chances;
}
