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
 * it, would have to move. Two that are nearly equal come in either order: at top-p, one of them may stay and cut the other.
 */
export function cutDistances(candidates: Candidates, options: CutOptions): CutDistances {
  return cut(candidates, options, { isSideEnough: false });
}

/** Which candidates stay where all that can be drawn is known; the side of {@link cutDistances} at less expense. Shape: as the candidates. */
export function areKept(candidates: Candidates, options: Omit<CutOptions, "tail">): readonly boolean[] {
  const { sure } = cut(candidates, { ...options, tail: { least: 0, most: 0 } }, { isSideEnough: true });
  return Array.from(sure, (distance) => distance >= 0);
}

function cut(
  { logits }: Candidates,
  { sampler, truncation, temperature, tail }: CutOptions,
  { isSideEnough }: { readonly isSideEnough: boolean },
): CutDistances {
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
  for (let index = 0; index < count; index += 1) {
    let distance = Number.POSITIVE_INFINITY;
    if (hasTopK && topK < count) distance = index < topK ? at(index) - at(topK) : at(index) - at(topK - 1) - Number.MIN_VALUE;
    if (minP > 0) distance = Math.min(distance, at(index) - leastMinP);
    // The likeliest one always stays.
    sure[index] = index === 0 ? Number.POSITIVE_INFINITY : distance;
  }
  const possible = sure.slice();
  if (topP >= 1) return { sure, possible };
  const masses = Float64Array.from({ length: count }, (_, index) => (isInHead(index) ? mass(index) : 0));
  const narrow = (distances: Float64Array, wholeMass: number) => {
    const rooms = roomsUnder(topP, { masses, wholeMass, scale });
    const nearest = isSideEnough ? rooms.of : nearestCuts(logits, rooms);
    for (const [index, distance] of nearest.entries()) distances[index] = Math.min(distances[index] ?? 0, distance);
  };
  narrow(sure, whole + leastTail);
  narrow(possible, whole + mostTail);
  return { sure, possible };
}

/** How much room top-p leaves, nats: 0 or more where a candidate stays. */
type Rooms = {
  /** By candidate. */
  readonly of: Float64Array;
  /** Of this candidate if it came behind that one. */
  behind(index: number, other: number): number;
};

function roomsUnder(
  topP: number,
  { masses, wholeMass, scale }: { readonly masses: Float64Array; readonly wholeMass: number; readonly scale: number },
): Rooms {
  const roomAfter = (before: number) => scale * (logOdds(topP) - logOdds(before / wholeMass));
  const through = new Float64Array(masses.length);
  const of = new Float64Array(masses.length);
  let before = 0;
  for (const [index, mass] of masses.entries()) {
    // The likeliest one always stays.
    of[index] = index === 0 ? Number.POSITIVE_INFINITY : roomAfter(before);
    before += mass;
    through[index] = before;
  }
  return { of, behind: (index, other) => roomAfter((through[other] ?? 0) - (masses[index] ?? 0)) };
}

/**
 * The nearest way to the other side for each candidate: all masses move, or it changes places with another one, or both, each by no more than the
 * distance. With another place the one needed grows and the other shrinks, so the nearest is where they cross.
 */
function nearestCuts(logits: ArrayLike<number>, rooms: Rooms): Float64Array {
  const at = (index: number) => logits[index] ?? Number.NEGATIVE_INFINITY;
  const count = rooms.of.length;
  return rooms.of.map((room, index) => {
    if (room < 0) {
      let nearest = -room;
      for (let place = index - 1; place >= 0 && at(place) - at(index) < nearest; place -= 1) {
        nearest = Math.min(nearest, Math.max(at(place) - at(index), -(rooms.of[place] ?? 0), Number.MIN_VALUE));
      }
      return -nearest;
    }
    let nearest = room;
    for (let place = index + 1; place < count && at(index) - at(place) < nearest; place += 1) {
      nearest = Math.min(nearest, Math.max(at(index) - at(place), rooms.behind(index, place)));
    }
    return nearest;
  });
}
