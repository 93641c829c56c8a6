import { areKept, type Candidates, truncationOf } from "./candidates.js";
import { gumbelNoise } from "./gumbel-noise.js";
import type { SamplingRules } from "./sampling-rules.js";

/** A token to draw by `gumbel-murmur3`. */
export type Draw = {
  readonly rules: Pick<SamplingRules, "temperature" | "topK" | "topP" | "minP">;
  readonly seed: number;
  /** Index in the whole sequence of the last token before the drawn one: tokens of the prompt - 1 for the first of an answer. */
  readonly position: number;
};

/**
 * The token that `gumbel-murmur3` draws: the largest logit / temperature + noise of what truncation leaves; the likeliest at temperature 0.
 *
 * @param candidates - All that can be drawn, after penalties.
 */
export function drawToken(candidates: Candidates, { rules, seed, position }: Draw): number {
  const { tokenIds, logits } = candidates;
  const { temperature } = rules;
  if (temperature === 0) return tokenIds[0] ?? 0;
  const truncation = truncationOf("gumbel-murmur3", rules);
  const kept = areKept(candidates, { sampler: "gumbel-murmur3", truncation, temperature });
  let drawn = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < logits.length; index += 1) {
    if (kept[index] === false) continue;
    const tokenId = tokenIds[index] ?? 0;
    const value = (logits[index] ?? 0) / temperature + gumbelNoise(seed, position, tokenId);
    if (value > highest || (value === highest && tokenId < drawn)) {
      highest = value;
      drawn = tokenId;
    }
  }
  return drawn;
}
