import { createExactSum } from "../exact-sum.js";
import type { AnswerSample } from "../observation.js";
import { suspicions, weighAnswer } from "./weigh-answer.js";

/** When evidence counts as a decision, and for how long. */
export type EvidenceParams = {
  /** Natural logarithm of 1 / error rate at which a miner counts as cheating; 9.2 for one in ten thousand. */
  readonly actNats: number;
  /** Time after a decision in which nothing is earned, hours. */
  readonly windowHours: number;
};

/** Where evidence stands for one miner at one task. */
export type EvidenceReport = {
  /** True while nothing is earned for it. */
  readonly isDecided: boolean;
  /** Period at whose end it was decided last; null if it never was. */
  readonly decidedPeriod: number | null;
  /** The strongest evidence at the end, or of the last decision while that holds, nats. */
  readonly nats: number;
  /** What that evidence speaks for and where it was seen, in plain words; null where there is none. */
  readonly suspicion: string | null;
};

/** No evidence. */
export const noEvidence: EvidenceReport = { isDecided: false, decidedPeriod: null, nats: 0, suspicion: null };

/** After a decision a miner starts again half-way to the next one. */
export const PROBATION_FRACTION = 0.5;

function accumulatorsOf(sample: AnswerSample): readonly { readonly key: string; readonly weight: number }[] {
  const { evidence } = sample;
  if (evidence === undefined) return [];
  const weights = weighAnswer(evidence);
  const where = `in ${sample.isOrganic === true ? "users'" : "synthetic"} requests at temperature ${evidence.isGreedy ? "0" : "above 0"}`;
  return suspicions.flatMap((suspicion) => {
    const weight = weights[suspicion];
    return weight === undefined ? [] : [{ key: `${suspicion} ${where}`, weight }];
  });
}

/**
 * Adds up what a miner's answers say of its engine: for each suspicion, source and kind of drawing a sum of log-likelihood ratios that
 * never falls below 0 (CUSUM), period by period. The strongest counts: who cheats users alone, or at temperature 0 alone, is found there.
 *
 * Within a period the ratios are summed, so that the order of its answers does not matter.
 *
 * @param samples - Any order; those without evidence say nothing. Shape: all of one miner at one task.
 */
export function accumulateEvidence(
  samples: readonly AnswerSample[],
  { params, period, periodsPerHour }: { readonly params: EvidenceParams; readonly period: number; readonly periodsPerHour: number },
): EvidenceReport {
  const byPeriod = new Map<number, AnswerSample[]>();
  for (const sample of samples) {
    if (sample.evidence === undefined || !Number.isFinite(sample.period)) continue;
    const known = byPeriod.get(sample.period);
    if (known === undefined) byPeriod.set(sample.period, [sample]);
    else known.push(sample);
  }
  if (byPeriod.size === 0) return noEvidence;
  const sums = new Map<string, number>();
  let floor = 0;
  let decision: { readonly period: number; readonly nats: number; readonly suspicion: string } | null = null;
  for (const [at, ofPeriod] of [...byPeriod].sort(([a], [b]) => a - b)) {
    const added = new Map<string, ReturnType<typeof createExactSum>>();
    for (const { key, weight } of ofPeriod.flatMap(accumulatorsOf)) {
      const sum = added.get(key) ?? createExactSum();
      sum.add(weight);
      added.set(key, sum);
    }
    for (const [key, sum] of added) sums.set(key, Math.max(0, (sums.get(key) ?? floor) + sum.total()));
    const worst = strongest(sums);
    if (worst === null || worst.nats < params.actNats) continue;
    decision = { period: at, ...worst };
    floor = params.actNats * PROBATION_FRACTION;
    for (const key of sums.keys()) sums.set(key, floor);
  }
  const isDecided = decision !== null && period - decision.period <= params.windowHours * periodsPerHour;
  const now = isDecided ? decision : strongest(sums);
  return {
    isDecided,
    decidedPeriod: decision?.period ?? null,
    nats: now?.nats ?? 0,
    suspicion: now === null || now.nats === 0 ? null : now.suspicion,
  };
}

/** The largest sum; of equals the first by name, so that the order of answers does not matter. */
function strongest(sums: ReadonlyMap<string, number>): { readonly nats: number; readonly suspicion: string } | null {
  let worst: { readonly nats: number; readonly suspicion: string } | null = null;
  for (const [suspicion, nats] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (worst === null || nats > worst.nats) worst = { nats, suspicion };
  }
  return worst;
}
