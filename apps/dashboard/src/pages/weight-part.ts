import type { EpochReport, MinerReport, MinerTaskReport } from "@vision/scoring";

/** What one of a miner's tasks adds to its weight. The parts of all its tasks sum to the weight. */
export type WeightPart = {
  /** Share of the reward that the task is worth, 0 to 1. */
  readonly taskWeight: number;
  /** How much of that is paid for what is served at the task, 0 to 1. */
  readonly paidFraction: number;
  readonly part: number;
};

/** Task score x share of the reward x what of it is paid, scaled as the weights of all miners are. */
export function weightPartOf(
  task: MinerTaskReport,
  { epoch, miner }: { readonly epoch: EpochReport; readonly miner: MinerReport },
): WeightPart {
  const { weight: taskWeight = 0, paidFraction = 0 } = epoch.tasks.find(({ taskId }) => taskId === task.taskId) ?? {};
  const overall = task.taskScore * taskWeight * paidFraction;
  return { taskWeight, paidFraction, part: miner.overallScore > 0 ? (miner.weight * overall) / miner.overallScore : 0 };
}
