import type { ReferenceParams } from "./reference-params.js";

/** The reference as of July 2024, holes included: for comparison, not for use. */
export const VISION_2024 = {
  kind: "reference",
  name: "VISION_2024",
  periodScore: { failurePower: 1 },
  average: { decayPerRow: 0.5, newcomer: { kind: "smooth", rows: 8, discount: 0.25 } },
  quality: { kind: "plain-mean" },
  // The reference has a steepness per task; 0.6 per mean is the middle of its table (0.3 to 1.2).
  speed: { kind: "steep", max: 1.6, curvature: 0.25, steepnessPerMean: 0.6 },
  shareExponent: 3,
} as const satisfies ReferenceParams;
