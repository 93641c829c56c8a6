import { VisionError } from "@vision/protocol";
import { createMechanism } from "./create-mechanism.js";
import type { SpeedOf } from "./mechanism.js";
import { clamp } from "./numbers.js";
import type { EpochObservations, MinerTaskSeries, SpeedTarget } from "./observation.js";
import type { ScoringParams } from "./params.js";
import { createPeriodRows } from "./period-rows.js";
import type { EpochReport, MinerTaskReport, ScoringProblem, TaskReport } from "./report.js";
import { type SeriesScore, scoreSeries } from "./score-series.js";
import { combineTasks } from "./stages/combine-tasks.js";
import { paidTaskFraction } from "./stages/task-pay.js";
import { taskShares } from "./stages/task-shares.js";
import { normaliseTaskWeights } from "./stages/task-weights.js";
import { normaliseScores } from "./stages/to-weights.js";
import { VISION } from "./vision.js";

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Series by task and hotkey; two of the same miner and task become one, with the smaller declaration. */
function arrange(series: readonly MinerTaskSeries[], problems: ScoringProblem[]): readonly MinerTaskSeries[] {
  const sorted = [...series].sort((a, b) => compareText(a.taskId, b.taskId) || compareText(a.hotkey, b.hotkey));
  const arranged: MinerTaskSeries[] = [];
  for (const each of sorted) {
    const last = arranged.at(-1);
    if (last?.taskId !== each.taskId || last.hotkey !== each.hotkey) {
      arranged.push(each);
      continue;
    }
    problems.push({ hotkey: each.hotkey, taskId: each.taskId, message: "was observed in two series, counted as one" });
    arranged[arranged.length - 1] = {
      ...last,
      declaredCapacityPerHour: Math.min(clamp(last.declaredCapacityPerHour, 1e15), clamp(each.declaredCapacityPerHour, 1e15)),
      periods: [...last.periods, ...each.periods],
      samples: [...last.samples, ...each.samples],
    };
  }
  return arranged;
}

function heldOf(periods: readonly number[] | undefined): Float64Array | null {
  return periods === undefined ? null : Float64Array.from(new Set(periods.filter(Number.isFinite))).sort();
}

/** Adds what a mechanism finds by comparing a task's miners. */
function addBonuses(scores: readonly SeriesScore[], bonuses: ReadonlyMap<string, number>): void {
  for (const score of scores) {
    score.quality *= 1 + (bonuses.get(score.hotkey) ?? 0);
    score.effectiveVolume = score.quality * score.averagePeriodScore * score.creditedCapacityPerHour;
  }
}

function isTarget(target: SpeedTarget | undefined): target is SpeedTarget {
  return (
    target !== undefined &&
    Number.isFinite(target.firstTokenMs) &&
    target.firstTokenMs > 0 &&
    Number.isFinite(target.unitsPerSecond) &&
    target.unitsPerSecond > 0
  );
}

/**
 * Scores an epoch: from everything that was observed to each miner's weight, with every value in between.
 *
 * Pure: the same observations give the same report, bit for bit, in any order of series, periods and samples. Nothing that one miner sent
 * changes another's values before the shares.
 *
 * A task that too little is served at passes what is not paid of its weight on to the other tasks, in proportion: weights on chain are
 * relative, so a share cannot be left unassigned without a hotkey to burn it.
 *
 * @param params - See {@link ScoringParams}; `visionParams` makes a changed default.
 * @throws {@link VisionError} `SCORING_INVALID_PARAMS` if `period` or `periodsPerHour` is not usable: they are the validator's own.
 */
export function scoreEpoch(observations: EpochObservations, params: ScoringParams = VISION): EpochReport {
  const { period, periodsPerHour } = observations;
  if (!Number.isFinite(period) || !Number.isFinite(periodsPerHour) || periodsPerHour <= 0) {
    throw new VisionError({
      code: "SCORING_INVALID_PARAMS",
      message: `An epoch cannot be scored with period ${period} and ${periodsPerHour} periods per hour.`,
      hint: "Pass the newest period's number and a number of periods per hour greater than 0.",
    });
  }
  const problems: ScoringProblem[] = [];
  const { weights, ignored } = normaliseTaskWeights(observations.taskWeights);
  for (const taskId of ignored) problems.push({ taskId, message: "task weight is not a number of 0 or more, counted as 0" });
  const series = arrange(observations.series, problems);
  let longest = 0;
  for (const each of series) longest = Math.max(longest, each.periods.length);
  const rows = createPeriodRows(longest);
  const mechanism = createMechanism(params, { period, periodsPerHour, heldPeriods: heldOf(observations.heldPeriods) });
  const speedAt = (taskId: string): SpeedOf => {
    const target = observations.targets[taskId];
    if (isTarget(target)) return mechanism.speedOf(target);
    if ((weights.get(taskId) ?? 0) > 0) problems.push({ taskId, message: "has no usable speed target, every answer counted as 1" });
    return () => 1;
  };

  const tasks = new Map<string, TaskReport>();
  const byMiner = new Map<string, MinerTaskReport[]>();
  for (let start = 0, end = 0; start < series.length; start = end) {
    const taskId = series[start]?.taskId ?? "";
    while (end < series.length && series[end]?.taskId === taskId) end += 1;
    const ofTask = series.slice(start, end);
    const speedOf = speedAt(taskId);
    const scores = ofTask.map((each) => scoreSeries(each, { mechanism, speedOf, rows, problems }));
    const bonuses = mechanism.bonuses?.(ofTask, speedOf);
    if (bonuses !== undefined) addBonuses(scores, bonuses);
    const volumes = scores.map((score) => score.effectiveVolume);
    const totalEffectiveVolume = volumes.reduce((total, volume) => total + volume, 0);
    const taskScores = taskShares(volumes, mechanism.shareExponent);
    const shares = taskShares(volumes, 1);
    scores.forEach((score, index) => {
      score.share = shares[index] ?? 0;
      score.taskScore = taskScores[index] ?? 0;
      const ofMiner = byMiner.get(score.hotkey);
      if (ofMiner === undefined) byMiner.set(score.hotkey, [score]);
      else ofMiner.push(score);
    });
    const weight = weights.get(taskId) ?? 0;
    const target = observations.targets[taskId];
    const paidFraction = paidTaskFraction(totalEffectiveVolume, isTarget(target) ? mechanism.fullVolumeOf(target) : 0);
    tasks.set(taskId, {
      ...{ taskId, weight, isServed: totalEffectiveVolume > 0, paidFraction },
      ...{ minerCount: scores.length, totalEffectiveVolume },
    });
  }
  for (const [taskId, weight] of weights) {
    if (!tasks.has(taskId)) tasks.set(taskId, { taskId, weight, isServed: false, paidFraction: 0, minerCount: 0, totalEffectiveVolume: 0 });
  }

  const hotkeys = [...byMiner.keys()].sort(compareText);
  const overallScores = hotkeys.map((hotkey) =>
    combineTasks(
      (byMiner.get(hotkey) ?? []).map(({ taskId, taskScore }) => {
        const task = tasks.get(taskId);
        return { weight: (task?.weight ?? 0) * (task?.paidFraction ?? 0), taskScore };
      }),
    ),
  );
  const fractions = normaliseScores(overallScores);
  return {
    period,
    periodsPerHour,
    preset: params.name,
    tasks: [...tasks.values()].sort((a, b) => compareText(a.taskId, b.taskId)),
    miners: hotkeys.map((hotkey, index) => ({
      hotkey,
      overallScore: overallScores[index] ?? 0,
      weight: fractions[index] ?? 0,
      tasks: byMiner.get(hotkey) ?? [],
    })),
    problems: problems.sort(
      (a, b) =>
        compareText(a.hotkey ?? "", b.hotkey ?? "") || compareText(a.taskId ?? "", b.taskId ?? "") || compareText(a.message, b.message),
    ),
  };
}
