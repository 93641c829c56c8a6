import type { EpochTime } from "../epoch-time.js";
import type { Mechanism } from "../mechanism.js";
import { clamp } from "../numbers.js";
import { capacityFacts } from "../stages/credited-capacity.js";
import { VISION } from "../vision.js";
import { averageByReference } from "./reference-average.js";
import type { ReferenceParams } from "./reference-params.js";
import { referenceQuality } from "./reference-quality.js";
import { speedByReference } from "./reference-speed.js";
import { speedBonusByRank } from "./speed-bonus.js";

const flat = () => 1;

/** The stages as the reference has them: capacity is credited as declared, nothing fades with time. */
export function createReferenceMechanism(params: ReferenceParams, { period, periodsPerHour }: EpochTime): Mechanism {
  const { quality } = params;
  const mechanism: Mechanism = {
    shareExponent: params.shareExponent,
    fullVolumeOf: () => 0,
    speedOf: (target) => (timing) => speedByReference(timing, target, params.speed),
    verify: () => undefined,
    average: (rows) => averageByReference(rows, params, periodsPerHour),
    quality: (samples, speedOf) => referenceQuality(samples, quality, speedOf),
    credit: (rows, declaredPerHour) => ({
      ...capacityFacts(rows, { params: VISION.capacity, fades: { memory: flat, recent: flat }, period, periodsPerHour, heldPeriods: null }),
      meanDeclaredPerHour: declaredPerHour,
      headroomFactor: 1,
      claimFactor: 1,
      creditedCapacityPerHour: declaredPerHour,
    }),
  };
  if (quality.kind !== "rank-bonus") return mechanism;
  return {
    ...mechanism,
    bonuses: (series, speedOf) =>
      speedBonusByRank(
        new Map(
          series.map((each) => [each.hotkey, each.samples.map((sample) => clamp(sample.qualityFraction, 1) * clamp(speedOf(sample), 1e9))]),
        ),
        quality,
      ),
  };
}
