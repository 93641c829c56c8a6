import type { Candidates, CutDistances, TailMass } from "./candidates.js";
import type { LogitShift } from "./penalties.js";

/** What a reference says of one returned token and of the likeliest at its place. Natural logarithms, at temperature 1. */
export type ScoredPosition = {
  readonly tokenId: number;
  readonly logprob: number;
  /** Tokens that the reference finds likelier; 0 is the best. */
  readonly rank: number;
  /** The likeliest tokens, best first. Shape: 1 or more, as many as `bestLogprobs`. */
  readonly bestIds: ArrayLike<number>;
  readonly bestLogprobs: ArrayLike<number>;
};

/** The candidates of a position as far as they are known, after penalties. */
export type KnownCandidates = Candidates & {
  /** Place of the returned token among them. */
  readonly own: number;
  /** Probability, at temperature 1 and before penalties, of all that are not listed. */
  readonly restFraction: number;
  /** The most that the logprob of one of them can be. */
  readonly mostRestLogprob: number;
};

/** A place of an answer, ready for its draw to be repeated. `rank` is the returned token's. */
export type DrawPlace = { readonly candidates: KnownCandidates; readonly cuts: CutDistances; readonly rank: number };

const LEAST_REST = 1e-7; // below the rounding of a sum of 32-bit probabilities
const MOST_VOCABULARY = 300_000; // larger than that of any open model

/** The likeliest tokens of a position and the returned one, sorted anew after penalties and biases. */
export function knownCandidates(position: ScoredPosition, shift: Pick<LogitShift, "of">): KnownCandidates {
  const { tokenId, logprob, bestIds, bestLogprobs } = position;
  const listed: { readonly tokenId: number; readonly logit: number }[] = [];
  let known = 0;
  let isListed = false;
  for (let index = 0; index < bestIds.length; index += 1) {
    const id = bestIds[index] ?? 0;
    const own = id === tokenId;
    isListed ||= own;
    const value = own ? logprob : (bestLogprobs[index] ?? Number.NEGATIVE_INFINITY);
    known += Math.exp(value);
    listed.push({ tokenId: id, logit: value + shift.of(id) });
  }
  const mostRestLogprob = bestLogprobs[bestLogprobs.length - 1] ?? 0;
  if (!isListed) {
    known += Math.exp(logprob);
    listed.push({ tokenId, logit: logprob + shift.of(tokenId) });
  }
  listed.sort((a, b) => b.logit - a.logit || a.tokenId - b.tokenId);
  const restFraction = 1 - known;
  return {
    tokenIds: listed.map((each) => each.tokenId),
    logits: listed.map((each) => each.logit),
    own: listed.findIndex((each) => each.tokenId === tokenId),
    restFraction: restFraction > LEAST_REST ? restFraction : 0,
    mostRestLogprob,
  };
}

/** Bounds of the mass of all tokens that are not listed, relative to the likeliest one's, at a temperature. */
export function tailMassOf({ logits, restFraction, mostRestLogprob }: KnownCandidates, temperature: number): TailMass {
  if (restFraction === 0) return { least: 0, most: 0 };
  const best = logits[0] ?? 0;
  // Each unlisted p is at most that of the last listed one, so p^(1/T) = p x p^(1/T - 1) is bounded on one side...
  const bySize = restFraction * Math.exp((mostRestLogprob - best) / temperature - mostRestLogprob);
  if (temperature <= 1) return { least: temperature === 1 ? bySize : 0, most: bySize };
  // ...and on the other by spreading the rest over as many tokens as there can be.
  const spread = Math.log(MOST_VOCABULARY) + (Math.log(restFraction / MOST_VOCABULARY) - best) / temperature;
  return { least: bySize, most: Math.max(bySize, Math.exp(spread)) };
}
