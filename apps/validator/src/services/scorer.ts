import type { EpochReport, ScoringParams } from "@vision/scoring";
import { scoreEpoch } from "@vision/scoring";
import type { ScoringInputs } from "../domain/pack-scoring-inputs.js";
import type { WeightParams } from "../domain/weight-params.js";
import type { RoutingView, ScoreStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { TaskWeights } from "./task-weights.js";

/** Everything that scores are computed from, and the scores. */
export type ScoredEpoch = { readonly report: EpochReport; readonly inputs: ScoringInputs };

/** Computes scores from what the store holds. */
export type Scorer = {
  /**
   * Scores as of now.
   *
   * @param newestPeriod - The period that ages are counted from.
   */
  score(newestPeriod: number, signal: AbortSignal): Promise<ScoredEpoch>;
  /** What was asked of a miner at a task lately, work units per hour, by the newest scores; 0 for a stranger. */
  triedPerHour(hotkey: string, taskId: string): number;
  /** Starts from the scores of an earlier process. */
  seed(report: EpochReport): void;
};

/** What scores depend on beside what was recorded. */
export type ScorerOptions = {
  readonly params: WeightParams;
  readonly scoring: ScoringParams;
  readonly periodMs: number;
};

/**
 * A scorer over closed periods. What a miner declares now is what the newest plan holds: a miner that is gone is credited nothing,
 * however good its record.
 */
export function createScorer(
  options: ScorerOptions,
  dependencies: {
    readonly store: Pick<ScoreStore, "getSeries">;
    readonly taskWeights: Pick<TaskWeights, "current">;
    readonly routing: Pick<RoutingView, "registry">;
    readonly guard: DependencyGuard;
  },
): Scorer {
  const { params, scoring, periodMs } = options;
  const { store, taskWeights, routing, guard } = dependencies;
  let tried: ReadonlyMap<string, number> = new Map();
  const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;
  const seed = ({ miners }: EpochReport) => {
    tried = new Map(miners.flatMap(({ tasks }) => tasks.map((task) => [keyOf(task.hotkey, task.taskId), task.triedCapacityPerHour])));
  };

  return {
    triedPerHour: (hotkey, taskId) => tried.get(keyOf(hotkey, taskId)) ?? 0,
    seed,
    async score(newestPeriod, signal) {
      const series = await guard.untilUp(
        "store",
        () =>
          store.getSeries({
            fromPeriod: newestPeriod - params.historyPeriods + 1,
            untilPeriod: newestPeriod,
            samplesPerSeries: params.samplesPerSeries,
            isOpenPeriodIncluded: false,
            usualPeriodMs: periodMs,
          }),
        signal,
      );
      const shares = await taskWeights.current(signal);
      const targets = Object.fromEntries([...routing.registry()].map(([taskId, { target }]) => [taskId, target]));
      const heldPeriods = [...new Set(series.flatMap(({ periods }) => periods.map(({ period }) => period)))].sort((a, b) => a - b);
      const times = { period: newestPeriod, periodsPerHour: 3_600_000 / periodMs, heldPeriods };
      const observations = { ...times, taskWeights: shares, targets, series };
      const report = scoreEpoch(observations, scoring);
      seed(report);
      return { report, inputs: { params: scoring, observations } };
    },
  };
}
