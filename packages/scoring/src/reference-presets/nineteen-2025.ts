import type { ReferenceParams } from "./reference-params.js";

/** The reference's successor as of January 2025, holes included: for comparison, not for use. */
export const NINETEEN_2025 = {
  kind: "reference",
  name: "NINETEEN_2025",
  periodScore: { failurePower: 2 },
  average: { decayPerRow: 0.5, newcomer: { kind: "step", rows: 8, factor: 0.25 } },
  quality: { kind: "rank-bonus", verdictPower: 1.5, cliffFraction: 0.85, percentile: 0.3, bonus: 0.5 },
  speed: { kind: "units-per-second" },
  shareExponent: 4,
} as const satisfies ReferenceParams;
