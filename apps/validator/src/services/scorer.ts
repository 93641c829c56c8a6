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
  return {
    async score(newestPeriod, signal) {
      const series = await guard.untilUp(
        "store",
        () =>
          store.getSeries({
            fromPeriod: newestPeriod - params.historyPeriods + 1,
            untilPeriod: newestPeriod,
            samplesPerSeries: params.samplesPerSeries,
            isOpenPeriodIncluded: false,
          }),
        signal,
      );
      const shares = await taskWeights.current(signal);
      const targets = Object.fromEntries([...routing.registry()].map(([taskId, { target }]) => [taskId, target]));
      const observations = { period: newestPeriod, periodsPerHour: 3_600_000 / periodMs, taskWeights: shares, targets, series };
      return { report: scoreEpoch(observations, scoring), inputs: { params: scoring, observations } };
    },
  };
}
