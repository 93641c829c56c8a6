import type { PeriodReport, PeriodTaskReport } from "@vision/protocol";
import { type EpochReport, type EvidenceReport, type MinerTaskReport, noEvidence, type ScoringParams } from "@vision/scoring";
import type { ProbingParams } from "@vision/scoring/probing";
import type { PeriodProgress } from "./period-progress.js";
import type { OpenPeriod, WeightSetRecord } from "./records/index.js";

type RecordedProbe = OpenPeriod["probes"][number];

/** What a report is put together from. */
export type PeriodReportInput = {
  /** The period as it was recorded. */
  readonly record: OpenPeriod;
  /** What only the process that ran the period knows; null for one that an earlier process ran. */
  readonly progress: PeriodProgress | null;
  readonly probing: ProbingParams;
  readonly epoch: EpochReport;
  /** What it was scored with. */
  readonly params: ScoringParams;
  readonly weightSet: WeightSetRecord | null;
  readonly uidOf: (hotkey: string) => number | null;
  readonly netuid: number;
  readonly validatorHotkey: string;
};

/** The report of a closed period: every miner that was planned for or has a record, in order of weight. */
export function createPeriodReport(input: PeriodReportInput): PeriodReport {
  const { record, progress, probing, epoch, params, weightSet, uidOf, netuid, validatorHotkey } = input;
  const statesByHotkey = new Map<string, RecordedProbe[]>();
  for (const state of record.probes) {
    const ofMiner = statesByHotkey.get(state.hotkey) ?? [];
    ofMiner.push(state);
    statesByHotkey.set(state.hotkey, ofMiner);
  }
  const scored = new Map(epoch.miners.map((miner) => [miner.hotkey, miner]));
  const hotkeys = new Set([...statesByHotkey.keys(), ...scored.keys()]);
  const miners = [...hotkeys].map((hotkey) => {
    const miner = scored.get(hotkey);
    const tasksById = new Map((miner?.tasks ?? []).map((task) => [task.taskId, task]));
    const states = statesByHotkey.get(hotkey) ?? [];
    return {
      hotkey,
      uid: uidOf(hotkey),
      overallScore: miner?.overallScore ?? 0,
      weight: miner?.weight ?? 0,
      tasks: states
        .map((state) => {
          const unsentRequests = progress?.get(state.hotkey, state.taskId)?.unsentRequests ?? 0;
          return describeTask({ ...state, unsentRequests }, tasksById.get(state.taskId), record.period);
        })
        .sort((a, b) => (a.taskId < b.taskId ? -1 : 1)),
    };
  });
  return {
    period: record.period,
    startsAtMs: record.startsAtMs,
    endsAtMs: record.endsAtMs,
    seed: record.seed,
    commonSeed: record.commonSeed,
    plan: {
      periodMs: probing.periodMs,
      shareBands: probing.shareBands.map(({ probability, from, to }) => ({ probability, from, to })),
      shareFloor: probing.shareFloor.map(({ capacityRequests, fraction: floor }) => ({ capacityRequests, fraction: floor })),
      bigDraws: { ...probing.bigDraws },
      minRequestsPerPeriod: probing.minRequestsPerPeriod,
      maxRequestsPerPeriod: probing.maxRequestsPerPeriod,
    },
    netuid,
    validatorHotkey,
    preset: epoch.preset,
    ...(params.kind === "vision" ? { evidenceParams: { actNats: params.evidence.actNats, windowHours: params.evidence.windowHours } } : {}),
    tasks: epoch.tasks.map(({ taskId, weight, isServed }) => ({ taskId, weight, isServed })),
    miners: miners.sort((a, b) => b.weight - a.weight || (a.hotkey < b.hotkey ? -1 : 1)),
    weightSet:
      weightSet === null
        ? null
        : {
            netuid: weightSet.netuid,
            epochBlock: weightSet.epochBlock,
            state: weightSet.state,
            includedAtBlock: weightSet.includedAtBlock,
            weights: weightSet.weights.map(({ uid, weightU16 }) => ({ uid, weightU16 })),
          },
  };
}

const publicEvidence = ({ isDecided, nats, suspicion }: EvidenceReport): PeriodTaskReport["evidence"] => ({ isDecided, nats, suspicion });

function describeTask(
  state: RecordedProbe & { readonly unsentRequests: number },
  scored: MinerTaskReport | undefined,
  period: number,
): PeriodTaskReport {
  const index = scored?.periods.indexOf(period) ?? -1;
  return {
    taskId: state.taskId,
    declaredCapacityPerHour: state.declaredCapacityPerHour,
    creditedCapacityPerHour: scored?.creditedCapacityPerHour ?? 0,
    triedFraction: state.triedFraction,
    plannedUnits: state.plannedUnits,
    plannedRequests: state.plannedRequests,
    unsentRequests: state.unsentRequests,
    attemptedUnits: state.attemptedUnits,
    completedUnits: state.completedUnits,
    requests: state.requests,
    okCount: state.okCount,
    rateLimitedCount: state.rateLimitedCount,
    failedCount: state.failedCount,
    organicCount: state.organicCount,
    periodScore: index === -1 ? null : (scored?.periodScores[index] ?? null),
    averagePeriodScore: scored?.averagePeriodScore ?? 0,
    quality: scored?.quality ?? 0,
    meanVerdict: scored?.meanVerdict ?? 0,
    meanSpeedFactor: scored?.meanSpeedFactor ?? 0,
    sampleCount: scored?.sampleCount ?? 0,
    evidence: publicEvidence(scored?.evidence ?? noEvidence),
    faults: (scored?.faults ?? []).map(({ reasons, ...fault }) => ({ ...fault, reasons: [...reasons] })),
    taskScore: scored?.taskScore ?? 0,
  };
}
