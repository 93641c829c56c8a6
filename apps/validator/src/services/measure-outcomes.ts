import type { GaugeValue } from "@vision/program";
import { enabledTasks, type PeriodReport } from "@vision/protocol";
import type { RoutingView, ValidatorMetrics } from "../ports/index.js";

/** Where the values come from. */
type Sources = {
  readonly metrics: Pick<ValidatorMetrics, "taskMiners" | "scoredQualityRatio" | "scoredCreditRatio" | "scoredWeightRatio">;
  readonly routing: Pick<RoutingView, "registry" | "currentPeriod" | "candidates">;
  readonly reporter: { latest(): PeriodReport | null };
};

/** Has the gauges of what miners serve and earn computed whenever they are read. */
export function measureOutcomes({ metrics, routing, reporter }: Sources): void {
  metrics.taskMiners.measureAll(() => {
    if (routing.currentPeriod() === null) return [];
    return enabledTasks(routing.registry()).map(({ id }) => ({ value: routing.candidates(id).length, labels: { task: id } }));
  });
  const miners = () => reporter.latest()?.miners ?? [];
  const ofTasks = (read: (task: PeriodReport["miners"][number]["tasks"][number]) => number) => (): readonly GaugeValue[] =>
    miners().flatMap(({ hotkey, tasks }) => tasks.map((task) => ({ value: read(task), labels: { hotkey, task: task.taskId } })));
  metrics.scoredQualityRatio.measureAll(ofTasks(({ quality }) => quality));
  metrics.scoredCreditRatio.measureAll(
    ofTasks(({ creditedCapacityPerHour, declaredCapacityPerHour }) =>
      declaredCapacityPerHour > 0 ? Math.min(1, creditedCapacityPerHour / declaredCapacityPerHour) : 0,
    ),
  );
  metrics.scoredWeightRatio.measureAll(() => miners().map(({ hotkey, weight }) => ({ value: weight, labels: { hotkey } })));
}
