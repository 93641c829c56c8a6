import { VisionError } from "@vision/protocol";
import type { EvidenceParams } from "./evidence/accumulate-evidence.js";
import type { AverageParams, CapacityParams, PeriodScoreParams, QualityParams, SpeedParams, VisionParams } from "./params.js";
import { VISION } from "./vision.js";

/** Changes to the default parameters, stage by stage; what is left out stays as in `VISION`. */
export type VisionOverrides = {
  readonly name?: string;
  readonly periodScore?: Partial<PeriodScoreParams>;
  readonly average?: Partial<AverageParams>;
  readonly quality?: Partial<QualityParams>;
  readonly evidence?: Partial<EvidenceParams>;
  readonly speed?: Partial<SpeedParams>;
  readonly capacity?: Partial<CapacityParams>;
  readonly fullTaskStreams?: number;
  readonly shareExponent?: number;
};

// Inclusive bounds within which every invariant of docs/scoring.md holds. refusalPower below 2 would make a refusal dearer than a failure.
const bounds: Readonly<Record<string, readonly [number, number]>> = {
  "periodScore.failureSeverity": [0, 100],
  "periodScore.refusalPower": [2, 16],
  "average.halfLifeHours": [1e-3, 1e5],
  "average.newcomerHours": [1e-6, 1e5],
  "average.newcomerDiscount": [0, 1],
  "quality.verdictPower": [1, 64],
  "quality.forgivenAnswers": [0, 100],
  "quality.halfLifeHours": [1e-3, 1e5],
  "quality.unsureSamples": [0, 1e3],
  "evidence.actNats": [1, 100],
  "evidence.windowHours": [0, 1e5],
  "speed.max": [1.001, 10],
  "speed.firstTokenShare": [0, 1],
  "capacity.headroom": [1, 100],
  "capacity.missSeverity": [0, 1e3],
  "capacity.missPower": [0, 8],
  "capacity.missTolerance": [0, 1],
  "capacity.fullMemoryHours": [0, 1e5],
  "capacity.memoryHours": [1e-3, 1e5],
  "capacity.declaredMeanHours": [1e-3, 1e5],
  "capacity.forgivenAbsenceHours": [0, 1e5],
  "capacity.recentHalfLifeHours": [1e-3, 1e5],
  "capacity.recentFullFraction": [1e-3, 1],
};

const isStage = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Names that are no parameter's and no stage's, and stages that hold no parameters. */
function findUnknown(overrides: VisionOverrides): string[] {
  const known: Readonly<Record<string, unknown>> = VISION;
  return Object.entries(overrides).flatMap(([name, value]) => {
    if (name === "kind" || !Object.hasOwn(known, name)) return [`${name} is not a parameter`];
    return isStage(known[name]) && value !== undefined && !isStage(value) ? [`${name} must hold parameters by name`] : [];
  });
}

function isWithin(value: unknown, [low, high]: readonly [number, number]): boolean {
  return typeof value === "number" && value >= low && value <= high;
}

/**
 * The default parameters with changes.
 *
 * All times are in hours, so the same parameters fit a period of an hour and one of 20 seconds.
 *
 * @throws {@link VisionError} `SCORING_INVALID_PARAMS` naming every value out of its bounds, and every unknown name, at once.
 */
export function visionParams(overrides: VisionOverrides = {}): VisionParams {
  const mistakes = findUnknown(overrides);
  const params = {
    kind: VISION.kind,
    name: overrides.name ?? VISION.name,
    periodScore: { ...VISION.periodScore, ...overrides.periodScore },
    average: { ...VISION.average, ...overrides.average },
    quality: { ...VISION.quality, ...overrides.quality },
    evidence: { ...VISION.evidence, ...overrides.evidence },
    speed: { ...VISION.speed, ...overrides.speed },
    capacity: { ...VISION.capacity, ...overrides.capacity },
    fullTaskStreams: overrides.fullTaskStreams ?? VISION.fullTaskStreams,
    shareExponent: overrides.shareExponent ?? VISION.shareExponent,
  };
  for (const [stage, values] of Object.entries(params)) {
    if (typeof values !== "object") continue;
    for (const [name, value] of Object.entries(values)) {
      const limits = bounds[`${stage}.${name}`];
      if (limits === undefined) mistakes.push(`${stage}.${name} is not a parameter`);
      else if (!isWithin(value, limits)) mistakes.push(`${stage}.${name} is ${String(value)}, must be ${limits[0]} to ${limits[1]}`);
    }
  }
  if (!isWithin(params.shareExponent, [1, 8])) mistakes.push(`shareExponent is ${String(params.shareExponent)}, must be 1 to 8`);
  if (!isWithin(params.fullTaskStreams, [0, 1e6]))
    mistakes.push(`fullTaskStreams is ${String(params.fullTaskStreams)}, must be 0 to 1000000`);
  if (mistakes.length > 0) {
    throw new VisionError({ code: "SCORING_INVALID_PARAMS", message: `Scoring parameters have mistakes: ${mistakes.join("; ")}.` });
  }
  return params;
}
