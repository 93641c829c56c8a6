import type { Decay } from "../decay.js";
import type { EvidenceReport } from "../evidence/accumulate-evidence.js";
import { onGrid } from "../exact-sum.js";
import { clamp } from "../numbers.js";
import type { AnswerSample, AnswerTiming } from "../observation.js";
import type { QualityParams } from "../params.js";
import { power } from "../power.js";
import type { HourVerdict } from "./hour-verdict.js";

/** Quality of one miner at one task, from its own samples at that task and nothing else. */
export type Quality = {
  readonly sampleCount: number;
  readonly meanVerdict: number;
  /** The same with every hour counting once. */
  readonly meanHourVerdict: number;
  readonly meanSpeedFactor: number;
  /** 0 to 1. */
  readonly sampleConfidence: number;
  readonly quality: number;
  /** What the answers say together of the engine behind them. */
  readonly evidence: EvidenceReport;
  /** Samples left out because their period is not a number. */
  readonly skipped: number;
};

/** Largest speed factor that is taken at its word. */
const MAX_SPEED_FACTOR = 1e9;

/** Weighted means over the samples whose period is a number. */
export type SampleMeans = Pick<Quality, "sampleCount" | "meanVerdict" | "meanSpeedFactor" | "skipped"> & {
  /** Number of samples, each by its weight. */
  readonly weightSum: number;
  /** Of verdict x speed factor. */
  readonly meanProduct: number;
  /** Of `powerOf(verdict)`; 0 without one. */
  readonly meanPower: number;
};

/** The means, the same in any order of samples; all 0 for none. `weightOf` is given the age in periods, counted from the newest sample. */
export function meanOfSamples(
  samples: readonly AnswerSample[],
  of: {
    readonly speedOf: (timing: AnswerTiming) => number;
    readonly weightOf: (agePeriods: number) => number;
    readonly powerOf?: ((verdict: number) => number) | undefined;
  },
): SampleMeans {
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
    const weight = of.weightOf(newest - sample.period);
    const verdict = clamp(sample.qualityFraction, 1);
    const speed = clamp(of.speedOf(sample), MAX_SPEED_FACTOR);
    count += 1;
    weightSum += onGrid(weight);
    verdictSum += onGrid(weight * verdict);
    speedSum += onGrid(weight * speed);
    productSum += onGrid(weight * verdict * speed);
    if (of.powerOf !== undefined) powerSum += onGrid(of.powerOf(verdict));
  }
  const skipped = samples.length - count;
  if (count === 0) return { sampleCount: 0, meanVerdict: 0, meanSpeedFactor: 0, meanProduct: 0, meanPower: 0, weightSum: 0, skipped };
  return {
    sampleCount: count,
    meanVerdict: clamp(verdictSum / weightSum, 1),
    meanSpeedFactor: speedSum / weightSum,
    meanProduct: productSum / weightSum,
    meanPower: powerSum / weightSum,
    weightSum,
    skipped,
  };
}

/**
 * Quality from the checked answers.
 *
 * Newer samples count more; ages are counted from the newest sample, so that a pause of the checker changes nothing.
 *
 * @param samples - Any order. Shape: all of one (hotkey, task); length 0 gives quality 0.
 * Trust is the lesser of two means of the verdicts, by answers and by hours: more checks of some hours make up for no wrong ones of others.
 *
 * @param context - `decay` by age in periods; `hourVerdict` is made with the same; `speedOf` gives an answer's speed factor; a decision in `evidence` leaves a quality of 0.
 */
export function quality(
  samples: readonly AnswerSample[],
  context: {
    readonly params: QualityParams;
    readonly decay: Decay;
    readonly hourVerdict: (samples: readonly AnswerSample[]) => HourVerdict;
    readonly speedOf: (timing: AnswerTiming) => number;
    readonly evidence: EvidenceReport;
  },
): Quality {
  const { params, decay, hourVerdict, speedOf, evidence } = context;
  const means = meanOfSamples(samples, { speedOf, weightOf: decay });
  const { sampleCount, meanVerdict, meanSpeedFactor, skipped } = means;
  const { meanHourVerdict, hourWeightSum } = hourVerdict(samples);
  const forgiving = (mean: number, weightSum: number) => mean + params.forgivenAnswers / Math.max(weightSum, 1);
  const trusted = Math.min(1, forgiving(meanVerdict, means.weightSum), forgiving(meanHourVerdict, hourWeightSum));
  const sampleConfidence = sampleCount > 0 ? sampleCount / (sampleCount + params.unsureSamples) : 0;
  const earned = means.meanProduct * power(trusted, params.verdictPower - 1) * sampleConfidence;
  return {
    sampleCount,
    meanVerdict,
    meanHourVerdict,
    meanSpeedFactor,
    skipped,
    sampleConfidence,
    quality: evidence.isDecided ? 0 : earned,
    evidence,
  };
}
