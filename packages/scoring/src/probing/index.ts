export { isBigDraw } from "./big-draw.js";
export { type CheckParams, checkWorkersOf, decideCheck, defaultCheckParams } from "./check-params.js";
export { type DeclaredCapacity, planProbes } from "./plan-probes.js";
export type { PlannedProbe } from "./planned-probe.js";
export { defaultProbingParams, type ProbingParams } from "./probing-params.js";
export { createSeededRandom, drawBetween, drawInt, pick, type Random } from "./random.js";
export { unitsPerPeriod } from "./units-per-period.js";
