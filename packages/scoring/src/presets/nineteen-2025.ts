import type { ScoringParams } from "../params.js";

/** The reference's successor as of January 2025, holes included: for comparison, not for use. */
export const NINETEEN_2025 = {
  name: "NINETEEN_2025",
  periodScore: { kind: "reference", failurePower: 2 },
  average: { kind: "reference", decayPerRow: 0.5, newcomer: { kind: "step", rows: 8, factor: 0.25 } },
  quality: { kind: "rank-bonus", verdictPower: 1.5, cliffFraction: 0.85, percentile: 0.3, bonus: 0.5 },
  speed: { kind: "units-per-second" },
  capacity: { kind: "declared" },
  shareExponent: 4,
} as const satisfies ScoringParams;
