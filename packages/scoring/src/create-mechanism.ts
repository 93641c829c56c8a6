import { createDecay } from "./decay.js";
import { accumulateEvidence } from "./evidence/accumulate-evidence.js";
import type { EpochTime, Mechanism } from "./mechanism.js";
import type { ScoringParams, VisionParams } from "./params.js";
import { createReferenceMechanism } from "./reference-presets/reference-mechanism.js";
import { averagePeriodScore } from "./stages/average-period-score.js";
import { creditedCapacity } from "./stages/credited-capacity.js";
import { quality } from "./stages/quality.js";
import { speedFactor } from "./stages/speed-factor.js";

/** The mechanism that a parameter set belongs to. */
export function createMechanism(params: ScoringParams, time: EpochTime): Mechanism {
  return params.kind === "vision" ? createVisionMechanism(params, time) : createReferenceMechanism(params, time);
}

function createVisionMechanism(params: VisionParams, { period, periodsPerHour }: EpochTime): Mechanism {
  const decayOf = (halfLifeHours: number) => createDecay(halfLifeHours, periodsPerHour);
  const averageDecay = decayOf(params.average.halfLifeHours);
  const qualityDecay = decayOf(params.quality.halfLifeHours);
  const capacityDecays = {
    proof: decayOf(params.capacity.proofHalfLifeHours),
    miss: decayOf(params.capacity.missHalfLifeHours),
    recent: decayOf(params.capacity.recentHalfLifeHours),
  };
  return {
    shareExponent: params.shareExponent,
    speedOf: (target) => (timing) => speedFactor(timing, target, params.speed),
    average: (rows) => averagePeriodScore(rows, params, { decay: averageDecay, periodsPerHour }),
    quality: (samples, speedOf) =>
      quality(samples, {
        ...{ params: params.quality, decay: qualityDecay, speedOf },
        evidence: accumulateEvidence(samples, { params: params.evidence, period, periodsPerHour }),
      }),
    credit: (rows, declaredPerHour) =>
      creditedCapacity(rows, declaredPerHour, { params: params.capacity, decays: capacityDecays, period, periodsPerHour }),
  };
}
