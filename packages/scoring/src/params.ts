/** Period score. See docs/scoring.md, "Period score". */
export type PeriodScoreParams =
  | {
      /** Served volume over served volume plus what the misses cost. */
      readonly kind: "charged-volume";
      /** A failed unit costs `1 + failureSeverity x untried share` units. 0 or more. */
      readonly failureSeverity: number;
      /** A refused unit costs `(1 + failureSeverity) x untried share ^ refusalPower` units. 2 or more keeps it below a failure. */
      readonly refusalPower: number;
    }
  | {
      /** ok share x (1 - refused share x untried) x (1 - failed share x untried) ^ failurePower. */
      readonly kind: "reference";
      readonly failurePower: number;
    };

/** Average of the period scores. */
export type AverageParams =
  | {
      /** Weighted by charged volume (attempted volume, misses at their cost). */
      readonly kind: "charged-volume";
      readonly halfLifeHours: number;
      /** Hours of data after which nothing is taken off any more. */
      readonly newcomerHours: number;
      /** What is taken off with no data at all, 0 to 1. */
      readonly newcomerDiscount: number;
    }
  | {
      /** Weighted by completed volume, halved per row. */
      readonly kind: "reference";
      /** Share of its weight that a row loses per newer row. */
      readonly decayPerRow: number;
      readonly newcomer:
        | { readonly kind: "smooth"; readonly rows: number; readonly discount: number }
        | { readonly kind: "step"; readonly rows: number; readonly factor: number };
    };

/** Quality from checked answers. */
export type QualityParams =
  | {
      /** mean(verdict x speed factor) x mean(verdict) ^ (verdictPower - 1) x n / (n + unsureSamples). */
      readonly kind: "verdict-power";
      readonly verdictPower: number;
      readonly halfLifeHours: number;
      readonly unsureSamples: number;
    }
  | { readonly kind: "plain-mean" }
  | {
      /** mean(verdict ^ power), squared at or below `cliffFraction`, times 1 + a bonus by rank of the speed. */
      readonly kind: "rank-bonus";
      readonly verdictPower: number;
      readonly cliffFraction: number;
      readonly percentile: number;
      readonly bonus: number;
    };

/** Speed factor of one answer. */
export type SpeedParams =
  | {
      /** max x ratio / (ratio + max - 1), where ratio = target time / time taken. 1 at the target, `max` for no time at all. */
      readonly kind: "target-ratio";
      readonly max: number;
      /** Share of the factor that comes from the time to the first token, where there is one; 0 to 1. */
      readonly firstTokenShare: number;
    }
  | {
      /** Rises to `max` below the mean time per unit, falls exponentially above it. */
      readonly kind: "reference";
      readonly max: number;
      readonly curvature: number;
      /** Steepness above the mean, per mean time per unit. */
      readonly steepnessPerMean: number;
    }
  /** Work units per second, to be ranked later. */
  | { readonly kind: "units-per-second" };

/** Capacity that is paid for. */
export type CapacityParams =
  | { readonly kind: "declared" }
  | {
      readonly kind: "proven";
      /** Most that is credited per proven unit, for a miner that missed nothing. 1 or more. */
      readonly headroom: number;
      /** The declaration counts as disproved when 1 / this of the proven volume was missed within it. */
      readonly missSeverity: number;
      /** Credit is multiplied by (proven / (proven + missed)) ^ this. */
      readonly missPower: number;
      /** Proven volume fades by half in this time, hours. */
      readonly proofHalfLifeHours: number;
      /** Missed volume fades by half in this time, hours. */
      readonly missHalfLifeHours: number;
      /** Half-life of the share served lately, hours. */
      readonly recentHalfLifeHours: number;
      /** Below this share served lately, credit falls in proportion; at 0 nothing is credited. Above 0, at most 1. */
      readonly recentFullFraction: number;
    };

/** One parameter set of the whole mechanism. */
export type ScoringParams = {
  readonly name: string;
  readonly periodScore: PeriodScoreParams;
  readonly average: AverageParams;
  readonly quality: QualityParams;
  readonly speed: SpeedParams;
  readonly capacity: CapacityParams;
  /** Task scores are effective volume to this power, normalised. */
  readonly shareExponent: number;
};
