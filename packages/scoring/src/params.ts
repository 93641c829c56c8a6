import type { EvidenceParams } from "./evidence/accumulate-evidence.js";
import type { ReferenceParams } from "./reference-presets/reference-params.js";

/** Period score: served volume over served volume plus what the misses cost. See docs/scoring.md, "Period score". */
export type PeriodScoreParams = {
  /** A failed unit costs `1 + failureSeverity x untried share` units. 0 or more. */
  readonly failureSeverity: number;
  /** A refused unit costs `(1 + failureSeverity) x untried share ^ refusalPower` units. 2 or more keeps it below a failure. */
  readonly refusalPower: number;
};

/** Average of the period scores, weighted by charged volume (attempted volume, misses at their cost). */
export type AverageParams = {
  readonly halfLifeHours: number;
  /** Hours of data after which nothing is taken off any more. */
  readonly newcomerHours: number;
  /** What is taken off with no data at all, 0 to 1. */
  readonly newcomerDiscount: number;
};

/**
 * Quality from checked answers: mean(verdict x speed factor) x mean(verdict) ^ (verdictPower - 1) x n / (n + unsureSamples). The mean that is
 * raised to a power is the lesser of those over answers and over hours.
 */
export type QualityParams = {
  readonly verdictPower: number;
  /** Wrong answers, and wrong hours, among the recent ones that the power does not see; 0 or more. */
  readonly forgivenAnswers: number;
  readonly halfLifeHours: number;
  readonly unsureSamples: number;
};

/** Speed factor of one answer: max x ratio / (ratio + max - 1), where ratio = target time / time taken. 1 at the target, `max` for no time at all. */
export type SpeedParams = {
  readonly max: number;
  /** Share of the factor that comes from the time to the first token, where there is one; 0 to 1. */
  readonly firstTokenShare: number;
};

/** Capacity that is paid for, as far as completed work has proven it. */
export type CapacityParams = {
  /** Most that is credited per proven unit, for a miner that missed nothing. 1 or more. */
  readonly headroom: number;
  /** The declaration counts as disproved when 1 / this of the proven volume was missed within it. */
  readonly missSeverity: number;
  /** Credit is multiplied by ((proven - missed) / (proven + missed)) ^ this; by 0 where as much was missed as was proven. */
  readonly missPower: number;
  /** Misses up to this share of a period's declared volume prove nothing against it. 0 to 1. */
  readonly missTolerance: number;
  /** Proven and missed volume count in full for this time, hours; */
  readonly fullMemoryHours: number;
  /** then they fade in a straight line to nothing at this age, hours. */
  readonly memoryHours: number;
  /** What is declared is a mean over this time, hours; absence counts as 0. */
  readonly declaredMeanHours: number;
  /** Absence that costs nothing within that time, hours. */
  readonly forgivenAbsenceHours: number;
  /** Half-life of the share served lately, hours. */
  readonly recentHalfLifeHours: number;
  /** Below this share served lately, credit falls in proportion; at 0 nothing is credited. Above 0, at most 1. */
  readonly recentFullFraction: number;
};

/** Parameters of the mechanism that docs/scoring.md describes. */
export type VisionParams = {
  readonly kind: "vision";
  readonly name: string;
  readonly periodScore: PeriodScoreParams;
  readonly average: AverageParams;
  readonly quality: QualityParams;
  readonly evidence: EvidenceParams;
  readonly speed: SpeedParams;
  readonly capacity: CapacityParams;
  /**
   * A task is paid in full from the effective volume on that so many requests at a time, at the target's pace around the clock, amount to.
   * 0: always in full.
   */
  readonly fullTaskStreams: number;
  /** Task scores are effective volume to this power, normalised. */
  readonly shareExponent: number;
};

/** One parameter set of a whole mechanism: ours, or one of the reference's as it was. Plain data: it is published with the observations. */
export type ScoringParams = VisionParams | ReferenceParams;
