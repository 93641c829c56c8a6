import { noEvidence } from "../evidence/accumulate-evidence.js";
import type { AnswerSample, AnswerTiming } from "../observation.js";
import { power } from "../power.js";
import { meanOfSamples, type Quality } from "../stages/quality.js";
import type { ReferenceQualityParams } from "./reference-params.js";

/** Quality without its bonus, which needs the other miners: see `speed-bonus`. Nothing fades with time. */
export function referenceQuality(
  samples: readonly AnswerSample[],
  params: ReferenceQualityParams,
  speedOf: (timing: AnswerTiming) => number,
): Quality {
  const powerOf = params.kind === "rank-bonus" ? (verdict: number) => power(verdict, params.verdictPower) : undefined;
  const { meanProduct, meanPower, weightSum: _unused, ...ofAnswers } = meanOfSamples(samples, { speedOf, weightOf: () => 1, powerOf });
  const means = { ...ofAnswers, meanHourVerdict: ofAnswers.meanVerdict };
  if (means.sampleCount === 0) return { ...means, sampleConfidence: 0, quality: 0, evidence: noEvidence };
  if (params.kind === "plain-mean") return { ...means, sampleConfidence: 1, quality: meanProduct, evidence: noEvidence };
  return {
    ...means,
    sampleConfidence: 1,
    quality: meanPower <= params.cliffFraction ? meanPower * meanPower : meanPower,
    evidence: noEvidence,
  };
}
