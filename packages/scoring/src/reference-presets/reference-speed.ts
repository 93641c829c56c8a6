import { clamp, usableMs } from "../numbers.js";
import type { AnswerTiming, SpeedTarget } from "../observation.js";
import { exponential, power } from "../power.js";
import type { ReferenceSpeedParams } from "./reference-params.js";

/**
 * Speed factor as the reference computes it.
 *
 * Source: facts on the reference subnet, section 1.6.
 *
 * @param secondsPerUnit - Time taken per work unit, 0 or more.
 * @param options - `mean` seconds per unit gives 1; `variance` is the steepness above it, per second.
 */
export function referenceSpeedFactor(
  secondsPerUnit: number,
  options: { readonly mean: number; readonly variance: number; readonly max: number; readonly curvature: number },
): number {
  const { mean, variance, max, curvature } = options;
  if (secondsPerUnit > mean) return exponential((mean - secondsPerUnit) * variance);
  return 1 + ((max - 1) * power(mean - secondsPerUnit, curvature)) / power(mean, curvature);
}

/** Speed of one answer as a preset counts it; 0 without a usable time or units. */
export function speedByReference(timing: AnswerTiming, target: SpeedTarget, speed: ReferenceSpeedParams): number {
  const units = clamp(timing.units, 1e12);
  const durationMs = usableMs(timing.durationMs);
  if (units === 0 || durationMs === null) return 0;
  if (speed.kind === "units-per-second") return clamp((units * 1000) / durationMs, 1e9);
  const mean = 1 / target.unitsPerSecond;
  const secondsPerUnit = Math.max(durationMs - target.firstTokenMs, 0) / 1000 / units;
  const options = { mean, variance: speed.steepnessPerMean / mean, max: speed.max, curvature: speed.curvature };
  return clamp(referenceSpeedFactor(secondsPerUnit, options), speed.max);
}
