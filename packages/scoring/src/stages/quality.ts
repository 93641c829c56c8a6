import type { Decay } from "../decay.js";
import { clamp } from "../numbers.js";
import type { AnswerSample } from "../observation.js";
import type { QualityParams } from "../params.js";

/** Quality of one miner at one task, from its own samples at that task and nothing else. */
export type Quality = {
  readonly sampleCount: number;
  readonly meanVerdict: number;
  readonly meanSpeedFactor: number;
  /** 0 to 1. */
  readonly sampleConfidence: number;
  readonly quality: number;
  /** Samples left out because their period is not a number. */
  readonly skipped: number;
};

/** Largest speed factor that is taken at its word. */
const MAX_SPEED_FACTOR = 1e9;

// Terms rounded to multiples of 2^-30 add up exactly, so the sum is the same in any order of samples, without sorting them.
const GRID = 2 ** 30;

function onGrid(value: number): number {
  return Math.round(value * GRID) / GRID;
}

/**
 * Quality from the checked answers.
 *
 * Newer samples count more (`verdict-power`); ages are counted from the newest sample, so that a pause of the checker changes nothing.
 *
 * @param samples - Any order. Shape: all of one (hotkey, task); length 0 gives quality 0.
 * @param decay - By age in periods.
 * @returns `rank-bonus` is without its bonus: that needs the other miners, see `speed-bonus`.
 */
export function quality(samples: readonly AnswerSample[], params: QualityParams, decay: Decay): Quality {
  let newest = Number.NEGATIVE_INFINITY;
  for (const sample of samples) if (Number.isFinite(sample.period) && sample.period > newest) newest = sample.period;
  let count = 0;
  let weightSum = 0;
  let verdictSum = 0;
  let speedSum = 0;
  let productSum = 0;
  let powerSum = 0;
  for (const sample of samples) {
    if (!Number.isFinite(sample.period)) continue;
    const weight = params.kind === "verdict-power" ? decay(newest - sample.period) : 1;
    const verdict = clamp(sample.qualityFraction, 1);
    const speed = clamp(sample.speedFactor, MAX_SPEED_FACTOR);
    count += 1;
    weightSum += onGrid(weight);
    verdictSum += onGrid(weight * verdict);
    speedSum += onGrid(weight * speed);
    productSum += onGrid(weight * verdict * speed);
    if (params.kind === "rank-bonus") powerSum += onGrid(verdict ** params.verdictPower);
  }
  const skipped = samples.length - count;
  if (count === 0) return { sampleCount: 0, meanVerdict: 0, meanSpeedFactor: 0, sampleConfidence: 0, quality: 0, skipped };
  const meanVerdict = clamp(verdictSum / weightSum, 1);
  const facts = { sampleCount: count, meanVerdict, meanSpeedFactor: speedSum / weightSum, skipped };
  switch (params.kind) {
    case "plain-mean":
      return { ...facts, sampleConfidence: 1, quality: productSum / weightSum };
    case "rank-bonus": {
      const mean = powerSum / weightSum;
      return { ...facts, sampleConfidence: 1, quality: mean <= params.cliffFraction ? mean * mean : mean };
    }
    case "verdict-power": {
      const sampleConfidence = count / (count + params.unsureSamples);
      return {
        ...facts,
        sampleConfidence,
        quality: (productSum / weightSum) * meanVerdict ** (params.verdictPower - 1) * sampleConfidence,
      };
    }
  }
}
