import type { ScoringParams } from "../params.js";

/** The default: the mechanism as described in words, with the reference's holes closed. Each number is explained in docs/scoring.md. */
export const VISION = {
  name: "VISION",
  periodScore: { kind: "charged-volume", failureSeverity: 2, refusalPower: 2 },
  average: { kind: "charged-volume", halfLifeHours: 12, newcomerHours: 8, newcomerDiscount: 0.25 },
  quality: { kind: "verdict-power", verdictPower: 2, halfLifeHours: 24, unsureSamples: 0.25 },
  speed: { kind: "target-ratio", max: 1.5, firstTokenShare: 0.25 },
  capacity: {
    kind: "proven",
    headroom: 2,
    missSeverity: 5,
    missPower: 2,
    proofHalfLifeHours: 168,
    missHalfLifeHours: 48,
    recentHalfLifeHours: 2,
    recentFullFraction: 0.5,
  },
  shareExponent: 1.2,
} as const satisfies ScoringParams;
