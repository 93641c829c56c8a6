import { createDecay, createLinearFade } from "./decay.js";
import type { EpochTime } from "./epoch-time.js";
import { accumulateEvidence } from "./evidence/accumulate-evidence.js";
import type { Mechanism } from "./mechanism.js";
import type { ScoringParams, VisionParams } from "./params.js";
import { createReferenceMechanism } from "./reference-presets/reference-mechanism.js";
import { averagePeriodScore } from "./stages/average-period-score.js";
import { creditedCapacity } from "./stages/credited-capacity.js";
import { createHourVerdict } from "./stages/hour-verdict.js";
import { quality } from "./stages/quality.js";
import { speedFactor } from "./stages/speed-factor.js";
import { keepVerifiedWork } from "./stages/verified-work.js";

/** The mechanism that a parameter set belongs to. */
export function createMechanism(params: ScoringParams, time: EpochTime): Mechanism {
  return params.kind === "vision" ? createVisionMechanism(params, time) : createReferenceMechanism(params, time);
}

function createVisionMechanism(params: VisionParams, time: EpochTime): Mechanism {
  const { periodsPerHour } = time;
  const decayOf = (halfLifeHours: number) => createDecay(halfLifeHours, periodsPerHour);
  const averageDecay = decayOf(params.average.halfLifeHours);
  const qualityDecay = decayOf(params.quality.halfLifeHours);
  const hourVerdict = createHourVerdict(qualityDecay, periodsPerHour);
  const fades = {
    memory: createLinearFade({ full: params.capacity.fullMemoryHours, none: params.capacity.memoryHours }, periodsPerHour),
    recent: decayOf(params.capacity.recentHalfLifeHours),
  };
  // Put together once: a copy by a spread for each series costs as much as adding up its record.
  const creditContext = { params: params.capacity, fades, ...time };
  const evidenceContext = { params: params.evidence, period: time.period, periodsPerHour };
  const averageTime = { decay: averageDecay, periodsPerHour };
  return {
    shareExponent: params.shareExponent,
    fullVolumeOf: ({ unitsPerSecond }) => params.fullTaskStreams * unitsPerSecond * 3600,
    speedOf: (target) => (timing) => speedFactor(timing, target, params.speed),
    verify: (rows) => keepVerifiedWork(rows, periodsPerHour),
    average: (rows) => averagePeriodScore(rows, params, averageTime),
    quality: (samples, speedOf) => {
      const evidence = accumulateEvidence(samples, evidenceContext);
      return quality(samples, { params: params.quality, decay: qualityDecay, hourVerdict, speedOf, evidence });
    },
    credit: (rows, declaredPerHour) => creditedCapacity(rows, declaredPerHour, creditContext),
  };
}
