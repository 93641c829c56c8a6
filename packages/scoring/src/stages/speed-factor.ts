import { clamp } from "../numbers.js";
import type { ScoringParams } from "../params.js";
import { VISION } from "../presets/vision.js";

/** How long one answer took. */
export type AnswerTiming = {
  /** Milliseconds from sending the request to the first content; null for answers that come in one piece (images, no stream). */
  readonly firstTokenMs: number | null;
  /** Milliseconds from sending the request to the end of the answer; the time to the first token is part of it. */
  readonly durationMs: number;
  /** Work units of the answer, counted by the validator: tokens or steps, never characters. */
  readonly units: number;
};

/** The speed that counts as 1; a task's `target`. */
export type SpeedTarget = { readonly firstTokenMs: number; readonly unitsPerSecond: number };

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
  if (secondsPerUnit > mean) return Math.exp((mean - secondsPerUnit) * variance);
  return 1 + ((max - 1) * (mean - secondsPerUnit) ** curvature) / mean ** curvature;
}

function bounded(ratio: number, max: number): number {
  return (max * ratio) / (ratio + max - 1);
}

/** Milliseconds as a time that something can have taken: at least 1, because clocks of whole milliseconds read 0; null if unusable. */
function usableMs(value: unknown): number | null {
  if (typeof value !== "number" || !(value >= 0) || value === Number.POSITIVE_INFINITY) return null;
  return Math.max(value, 1);
}

/**
 * How fast one answer was against its task's target.
 *
 * With `target-ratio` it depends on this answer and the target alone: no other miner moves it, and a miner that is c times as fast as the
 * target in both parts gets the same factor at any length of answer.
 *
 * @returns 0 (no usable timing, nothing delivered) to the bound in `params.speed`; 1 at the target.
 */
export function speedFactor(timing: AnswerTiming, target: SpeedTarget, params: Pick<ScoringParams, "speed"> = VISION): number {
  const { speed } = params;
  const units = clamp(timing.units, 1e12);
  const durationMs = usableMs(timing.durationMs);
  if (units === 0 || durationMs === null) return 0;
  switch (speed.kind) {
    case "units-per-second":
      return clamp((units * 1000) / durationMs, 1e9);
    case "reference": {
      const mean = 1 / target.unitsPerSecond;
      const secondsPerUnit = Math.max(durationMs - target.firstTokenMs, 0) / 1000 / units;
      const options = { mean, variance: speed.steepnessPerMean / mean, max: speed.max, curvature: speed.curvature };
      return clamp(referenceSpeedFactor(secondsPerUnit, options), speed.max);
    }
    case "target-ratio": {
      const targetMs = target.firstTokenMs + (units * 1000) / target.unitsPerSecond;
      const whole = bounded(clamp(targetMs / durationMs, 1e12), speed.max);
      if (timing.firstTokenMs === null) return clamp(whole, speed.max);
      // A first token cannot come later than the answer; one without a usable time counts as late as it can be.
      const firstMs = Math.min(usableMs(timing.firstTokenMs) ?? durationMs, durationMs);
      const first = bounded(clamp(target.firstTokenMs / firstMs, 1e12), speed.max);
      return clamp(first * speed.firstTokenShare + whole * (1 - speed.firstTokenShare), speed.max);
    }
  }
}
