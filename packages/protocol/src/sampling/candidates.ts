import type { SamplerName } from "./samplers.js";
import type { SamplingRules } from "./sampling-rules.js";

/** Tokens that may be drawn, the likeliest first; ties by the lower id. Shape of both lists: the same, at least 1. */
export type Candidates = {
  readonly tokenIds: ArrayLike<number>;
  /** Natural logarithms, up to a constant that all share. */
  readonly logits: ArrayLike<number>;
};

/** Truncation with every default filled in. 0, 1 and 0 switch it off. */
export type Truncation = { readonly topK: number; readonly topP: number; readonly minP: number };

/** What llama.cpp's server does where a request does not say. */
const LLAMA_DEFAULTS: Truncation = { topK: 40, topP: 0.95, minP: 0.05 };
const OFF: Truncation = { topK: 0, topP: 1, minP: 0 };

/** How a sampler truncates for a request. */
export function truncationOf(sampler: SamplerName, rules: Pick<SamplingRules, "topK" | "topP" | "minP">): Truncation {
  const defaults = sampler === "llama.cpp" ? LLAMA_DEFAULTS : OFF;
  return { topK: Math.max(rules.topK ?? defaults.topK, 0), topP: rules.topP ?? defaults.topP, minP: rules.minP ?? defaults.minP };
}

/** Mass of the tokens that are not listed, relative to the likeliest one's: a range, because only the best are known. */
export type TailMass = { readonly least: number; readonly most: number };

/** How a sampler comes to its candidates. */
export type CutOptions = {
  readonly sampler: SamplerName;
  readonly truncation: Truncation;
  /** Above 0. */
  readonly temperature: number;
  /** Of the distribution that top-p is taken of: at the temperature, or at 1 for llama.cpp. */
  readonly tail: TailMass;
};

/** How far each candidate is from being cut, in nats of its logit: 0 or more is inside, less is outside. */
export type CutDistances = {
  /** At the least that is sure of the tail. */
  readonly sure: Float64Array;
  /** At the most that is possible. */
  readonly possible: Float64Array;
};

function logOdds(fraction: number): number {
  if (fraction <= 0) return Number.NEGATIVE_INFINITY;
  return fraction >= 1 ? Number.POSITIVE_INFINITY : Math.log(fraction / (1 - fraction));
}

/**
 * Cuts candidates as the sampler does.
 *
 * - `gumbel-murmur3` (vLLM): temperature, min-p, top-k, then top-p of what is left, renormalised.
 * - `gumbel-murmur3-sglang`: temperature, top-k and top-p together (of the whole distribution), then min-p.
 * - `llama.cpp`: top-k, top-p of what is left, min-p, and the temperature last.
 *
 * A candidate at a cut is in or out by the last bits of a logit, so the answer is a distance: how many nats its logit, or those around
 * it, would have to move.
 */
export function cutDistances({ logits }: Candidates, { sampler, truncation, temperature, tail }: CutOptions): CutDistances {
  const count = logits.length;
  const { topK, topP, minP } = truncation;
  // llama.cpp truncates before the temperature.
  const scale = sampler === "llama.cpp" ? 1 : temperature;
  const best = logits[0] ?? 0;
  const at = (index: number) => logits[index] ?? Number.NEGATIVE_INFINITY;
  const hasTopK = topK > 0;
  const leastMinP = best + scale * Math.log(minP);
  const isInHead = (index: number) => (!hasTopK || index < topK) && (sampler !== "gumbel-murmur3" || minP === 0 || at(index) >= leastMinP);
  const mass = (index: number) => Math.exp((at(index) - best) / scale);

  let listed = 0;
  let cutMass = 0;
  let isTailOut = hasTopK && topK <= count;
  for (let index = 0; index < count; index += 1) {
    if (isInHead(index)) listed += mass(index);
    else {
      cutMass += mass(index);
      isTailOut = true;
    }
  }
  // SGLang takes top-p of the whole distribution, the others of what is left.
  const whole = sampler === "gumbel-murmur3-sglang" ? listed + cutMass : listed;
  const hasTail = sampler === "gumbel-murmur3-sglang" || !isTailOut;
  // A top-k beyond what is listed cuts an unknown part of the rest away.
  const isTailCut = hasTopK && sampler !== "gumbel-murmur3-sglang";
  const leastTail = hasTail && !isTailCut ? tail.least : 0;
  const mostTail = hasTail ? Math.min(tail.most, isTailCut ? (topK - count) * mass(count - 1) : tail.most) : 0;
  const sure = new Float64Array(count);
  const possible = new Float64Array(count);
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    let distance = Number.POSITIVE_INFINITY;
    if (hasTopK && topK < count) distance = index < topK ? at(index) - at(topK) : at(index) - at(topK - 1) - Number.MIN_VALUE;
    if (minP > 0) distance = Math.min(distance, at(index) - leastMinP);
    // The likeliest one always stays.
    if (index === 0) distance = Number.POSITIVE_INFINITY;
    sure[index] = distance;
    possible[index] = distance;
    if (topP < 1 && index > 0) {
      const room = (tailMass: number) => scale * (logOdds(topP) - logOdds(before / (whole + tailMass)));
      sure[index] = Math.min(distance, room(leastTail));
      possible[index] = Math.min(distance, room(mostTail));
    }
    if (isInHead(index)) before += mass(index);
  }
  return { sure, possible };
}
