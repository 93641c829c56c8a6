import { cutDistances, type Truncation, truncationOf } from "./candidates.js";
import { gumbelNoise, sglangNoise } from "./gumbel-noise.js";
import { measureLlamaDraws } from "./llama-draws.js";
import { createLogitShift } from "./penalties.js";
import type { SamplerName } from "./samplers.js";
import type { SamplingRules } from "./sampling-rules.js";
import { type DrawPlace, knownCandidates, type ScoredPosition, tailMassOf } from "./scored-position.js";

/** An answer whose draws are to be repeated. */
export type DrawnAnswer = {
  /** One for each token, the end token included. */
  readonly positions: readonly ScoredPosition[];
  readonly promptTokens: readonly number[];
  readonly sampler: SamplerName;
  readonly rules: SamplingRules;
  readonly seed: number;
};

/** No gap counts for more, nats: one impossible token must not hide what all the others say. */
export const MAX_MARGIN_NATS = 8;

type Noise = (rank: number, tokenId: number) => number;

/** By how much the returned token is behind, if that noise was added: the least move of logits that would make it the draw. */
function gumbelMargin({ candidates, cuts, rank: ownRank }: DrawPlace, temperature: number, noise: Noise): number {
  const { tokenIds, logits, own } = candidates;
  const scoreOf = (index: number, rank: number) => (logits[index] ?? 0) + temperature * noise(rank, tokenIds[index] ?? 0);
  const ownScore = scoreOf(own, ownRank);
  let margin = Math.max(0, -(cuts.possible[own] ?? 0));
  for (let index = 0; index < logits.length; index += 1) {
    const inside = cuts.sure[index] ?? 0;
    // Either the noise of the two is closer than it looks, or the other one was cut.
    if (index !== own && inside > margin) margin = Math.max(margin, Math.min(scoreOf(index, index) - ownScore, inside));
  }
  return margin;
}

function measurePlaces(places: readonly DrawPlace[], answer: DrawnAnswer, truncation: Truncation): readonly number[] {
  const { sampler, rules, seed, promptTokens } = answer;
  const { temperature } = rules;
  const first = promptTokens.length - 1;
  switch (sampler) {
    case "gumbel-murmur3":
      return places.map((place, index) => gumbelMargin(place, temperature, (_rank, id) => gumbelNoise(seed, first + index, id)));
    case "gumbel-murmur3-sglang":
      // Which of the two columns it is depends on what else was in the batch of that step.
      return places.map((place, index) =>
        Math.min(
          gumbelMargin(place, temperature, (_rank, id) => sglangNoise(seed, first + index, id)),
          gumbelMargin(place, temperature, (rank) => sglangNoise(seed, first + index, rank)),
        ),
      );
    case "llama.cpp":
      return measureLlamaDraws(places, { temperature, seed, topK: truncation.topK });
    case "unknown":
      return [];
  }
}

function isShiftKnown({ isConstrained, repetitionPenalty }: SamplingRules): boolean {
  return !isConstrained && repetitionPenalty === 1;
}

function canRepeat(sampler: SamplerName, rules: SamplingRules): boolean {
  const isShifted = rules.frequencyPenalty !== 0 || rules.presencePenalty !== 0 || rules.logitBias.size > 0;
  // A place in a running sum needs all that is before it, and what is not listed may have moved there.
  return isShiftKnown(rules) && sampler !== "unknown" && !(sampler === "llama.cpp" && isShifted);
}

/**
 * How far each returned token is behind the one that an honest engine would have drawn: nats by which logits would have to move, 0 for the
 * token that the seed gives, at most {@link MAX_MARGIN_NATS}. At temperature 0 the distance to the likeliest token.
 *
 * The k best and the returned token suffice: what is not listed could only make the distance larger. So a distance is never more than the
 * true one, and an honest token's is exact.
 *
 * @returns One for each position, or null where the draws cannot be repeated: a sampler without a known seed above temperature 0, a
 *   repetition penalty, a grammar, or any penalty or bias of llama.cpp's above temperature 0.
 */
export function measureDraws(answer: DrawnAnswer): readonly number[] | null {
  const { positions, promptTokens, sampler, rules } = answer;
  const { temperature } = rules;
  if (temperature === 0 ? !isShiftKnown(rules) : !canRepeat(sampler, rules)) return null;
  const shift = createLogitShift(sampler, rules, promptTokens);
  const truncation = truncationOf(sampler, rules);
  const places = positions.map((position): DrawPlace => {
    const candidates = knownCandidates(position, shift);
    shift.advance(position.tokenId);
    const tail = tailMassOf(candidates, sampler === "llama.cpp" ? 1 : temperature || 1);
    const cuts = cutDistances(candidates, { sampler, truncation, temperature: temperature || 1, tail });
    return { candidates, cuts, rank: Math.max(position.rank, candidates.own) };
  });
  const margins =
    temperature > 0
      ? measurePlaces(places, answer, truncation)
      : places.map(({ candidates: { logits, own } }) => (logits[0] ?? 0) - (logits[own] ?? 0));
  return margins.map((margin) => Math.min(Math.max(margin, 0), MAX_MARGIN_NATS));
}
