import { clamp, usableMs } from "../numbers.js";
import type { AnswerTiming, SpeedTarget } from "../observation.js";
import type { SpeedParams } from "../params.js";
import { VISION } from "../vision.js";

function bounded(ratio: number, max: number): number {
  return (max * ratio) / (ratio + max - 1);
}

/**
 * How fast one answer was against its task's target.
 *
 * It depends on this answer and the target alone: no other miner moves it, and a miner that is c times as fast as the
 * target in both parts gets the same factor at any length of answer.
 *
 * @returns 0 (no usable timing, nothing delivered) to `params.max`; 1 at the target.
 */
export function speedFactor(timing: AnswerTiming, target: SpeedTarget, params: SpeedParams = VISION.speed): number {
  const units = clamp(timing.units, 1e12);
  const durationMs = usableMs(timing.durationMs);
  if (units === 0 || durationMs === null) return 0;
  const targetMs = target.firstTokenMs + (units * 1000) / target.unitsPerSecond;
  const whole = bounded(clamp(targetMs / durationMs, 1e12), params.max);
  if (timing.firstTokenMs === null) return clamp(whole, params.max);
  // A first token cannot come later than the answer; one without a usable time counts as late as it can be.
  const firstMs = Math.min(usableMs(timing.firstTokenMs) ?? durationMs, durationMs);
  const first = bounded(clamp(target.firstTokenMs / firstMs, 1e12), params.max);
  return clamp(first * params.firstTokenShare + whole * (1 - params.firstTokenShare), params.max);
}
