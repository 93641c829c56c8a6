import type { VisionParams } from "./params.js";

/** The default: the mechanism as described in words, with the reference's holes closed. Each number is explained in docs/scoring.md. */
export const VISION = {
  kind: "vision",
  name: "VISION",
  periodScore: { failureSeverity: 2, refusalPower: 2 },
  average: { halfLifeHours: 12, newcomerHours: 4, newcomerDiscount: 0.25 },
  quality: { verdictPower: 20, forgivenAnswers: 1, halfLifeHours: 24, unsureSamples: 0.25 },
  evidence: { actNats: 9.2, windowHours: 24 },
  speed: { max: 1.5, firstTokenShare: 0.25 },
  capacity: {
    headroom: 1.03,
    missSeverity: 5,
    missPower: 2,
    missTolerance: 0.03,
    fullMemoryHours: 36,
    memoryHours: 168,
    declaredMeanHours: 24,
    forgivenAbsenceHours: 1,
    recentHalfLifeHours: 2,
    recentFullFraction: 0.5,
  },
  fullTaskStreams: 8,
  shareExponent: 1.01,
} as const satisfies VisionParams;
