/** Average of the period scores: weighted by completed volume, halved per row. */
export type ReferenceAverageParams = {
  /** Share of its weight that a row loses per newer row. */
  readonly decayPerRow: number;
  readonly newcomer:
    | { readonly kind: "smooth"; readonly rows: number; readonly discount: number }
    | { readonly kind: "step"; readonly rows: number; readonly factor: number };
};

/** Quality from checked answers. */
export type ReferenceQualityParams =
  | { readonly kind: "plain-mean" }
  | {
      /** mean(verdict ^ power), squared at or below `cliffFraction`, times 1 + a bonus by rank of the speed. */
      readonly kind: "rank-bonus";
      readonly verdictPower: number;
      readonly cliffFraction: number;
      readonly percentile: number;
      readonly bonus: number;
    };

/** Speed of one answer. */
export type ReferenceSpeedParams =
  | {
      /** Rises to `max` below the mean time per unit, falls exponentially above it. */
      readonly kind: "steep";
      readonly max: number;
      readonly curvature: number;
      /** Steepness above the mean, per mean time per unit. */
      readonly steepnessPerMean: number;
    }
  /** Work units per second, to be ranked later. */
  | { readonly kind: "units-per-second" };

/** Parameters of the reference's mechanism, holes included. Capacity is credited as declared. */
export type ReferenceParams = {
  readonly kind: "reference";
  readonly name: string;
  /** Period score: ok share x (1 - refused share x untried) x (1 - failed share x untried) ^ failurePower. */
  readonly periodScore: { readonly failurePower: number };
  readonly average: ReferenceAverageParams;
  readonly quality: ReferenceQualityParams;
  readonly speed: ReferenceSpeedParams;
  /** Task scores are effective volume to this power, normalised. */
  readonly shareExponent: number;
};
