import type { SamplerName } from "@vision/protocol";
import { type AnswerSample, accumulateEvidence, BIN_EDGES, type EvidenceReport, VISION } from "@vision/scoring";
import type { AnswerFinding } from "./finding.js";

/** A kind of fault, how many answers had it, and what was found in the first of them. */
export type FaultCount = { readonly fault: string; readonly count: number; readonly example: string };

/**
 * What a validator would do: pay in `full`, pay `less`, pay `nothing` (the evidence decides against the engine, or no answer is worth
 * anything), or not know (`unjudged`).
 */
export type PayOutlook = "full" | "less" | "nothing" | "unjudged";

/** What was found at one task. */
export type TaskFindings = {
  readonly taskId: string;
  /** How the miner says that it draws. */
  readonly sampler: SamplerName;
  readonly findings: readonly AnswerFinding[];
  /** Mean quality of the judged answers, 0 to 1; null where none was judged. */
  readonly meanQualityFraction: number | null;
  /** Tokens that lie further behind their draw than tokens of honest engines do; null where draws cannot be repeated. */
  readonly farDrawsFraction: number | null;
  /** Tokens whose claimed logprobs are further off than those of honest engines; null where there are no tokens. */
  readonly farClaimsFraction: number | null;
  /** What all answers together say of the engine. */
  readonly evidence: EvidenceReport;
  /** The most frequent first. */
  readonly faults: readonly FaultCount[];
  readonly outlook: PayOutlook;
};

/** Of an honest engine fewer than one answer in a hundred may be called wrong for its rounding. */
const HONEST_QUALITY = 0.99;
/** Distances beyond this many times what honest engines differ by are none of theirs. */
const FAR_TIMES_NOISE = 10;

/** All findings of a task as one: judged, counted and weighed as a validator does over a period. */
export function summariseFindings(taskId: string, sampler: SamplerName, findings: readonly AnswerFinding[]): TaskFindings {
  const judged = findings.flatMap((finding) => (finding.kind === "judged" ? [finding] : []));
  const samples = judged.map(
    ({ verdict: { qualityFraction, evidence }, firstTokenMs, durationMs, units }): AnswerSample => ({
      ...{ period: 0, qualityFraction, firstTokenMs, durationMs, units, isOrganic: false },
      ...(evidence === undefined ? {} : { evidence }),
    }),
  );
  const evidence = accumulateEvidence(samples, { params: VISION.evidence, period: 0, periodsPerHour: 1 });
  const meanQualityFraction =
    judged.length === 0 ? null : judged.reduce((sum, { verdict }) => sum + verdict.qualityFraction, 0) / judged.length;
  const found = judged.flatMap(({ verdict }) => verdict.evidence ?? []);
  return {
    ...{ taskId, sampler, findings, meanQualityFraction, evidence },
    farDrawsFraction: farFraction(found.flatMap(({ margins }) => (margins === null ? [] : [margins]))),
    farClaimsFraction: farFraction(found.map(({ claims }) => claims)),
    faults: countFaults(judged),
    outlook: outlookOf(meanQualityFraction, evidence),
  };
}

function outlookOf(meanQualityFraction: number | null, { isDecided }: EvidenceReport): PayOutlook {
  if (meanQualityFraction === null) return "unjudged";
  if (isDecided || meanQualityFraction === 0) return "nothing";
  return meanQualityFraction < HONEST_QUALITY ? "less" : "full";
}

function farFraction(counts: readonly (readonly number[])[]): number | null {
  const sum = (bins: readonly number[]) => bins.reduce((total, count) => total + count, 0);
  const all = counts.reduce((total, bins) => total + sum(bins), 0);
  const firstFar = BIN_EDGES.findIndex((edge) => edge >= FAR_TIMES_NOISE) + 1;
  return all === 0 ? null : counts.reduce((total, bins) => total + sum(bins.slice(firstFar)), 0) / all;
}

function countFaults(judged: readonly Extract<AnswerFinding, { kind: "judged" }>[]): readonly FaultCount[] {
  const faults = new Map<string, FaultCount>();
  for (const { verdict } of judged) {
    if (verdict.fault === undefined) continue;
    const known = faults.get(verdict.fault) ?? { fault: verdict.fault, count: 0, example: verdict.reasons[0] ?? "" };
    faults.set(verdict.fault, { ...known, count: known.count + 1 });
  }
  return [...faults.values()].sort((a, b) => b.count - a.count);
}
