import type { EpochReport, MinerTaskReport } from "./report.js";

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(fraction !== 0 && fraction < 0.1 ? 2 : 1)} %`;
}

function units(value: number): string {
  return value >= 1e15 ? value.toExponential(2) : value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 2 : 0 });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function explainCapacity(task: MinerTaskReport): string {
  const declared = `declared ${units(task.declaredCapacityPerHour)} units/hour`;
  const credited = `credited with ${units(task.creditedCapacityPerHour)} units/hour`;
  const reasons = [
    `completed work has proven ${units(task.provenCapacityPerHour)} units/hour, counted ${task.headroomFactor.toFixed(2)} times`,
  ];
  if (task.missedCapacityPerHour > 0) {
    reasons.push(`at worst ${units(task.missedCapacityPerHour)} units/hour within the declared capacity were asked for and missed`);
  }
  if (task.claimFactor < 1) reasons.push(`declaring more than that allows to believe leaves ${percent(task.claimFactor)} of the credit`);
  if (task.recentServedFraction < 0.5) reasons.push(`only ${percent(task.recentServedFraction)} of the latest volume was served`);
  return `Capacity: ${declared}, ${credited}: ${reasons.join("; ")}.`;
}

function explainPeriods(task: MinerTaskReport): string {
  if (task.periods.length === 0) return "Reliability: no request counted yet, so the average period score is 0.";
  const worst = task.periodScores.reduce((least, score) => Math.min(least, score), 1);
  const latest = task.periodScores.at(-1) ?? 0;
  const newcomer =
    task.newcomerFactor < 1
      ? `, after a newcomer factor of ${task.newcomerFactor.toFixed(2)} for ${task.dataHours.toFixed(2)} hours of data`
      : "";
  return (
    `Reliability: ${counted(task.requests, "request")} over ${counted(task.periods.length, "period")}: ${task.okCount} ok, ${task.rateLimitedCount} rate limited, ` +
    `${task.failedCount} failed. Period scores: latest ${latest.toFixed(3)}, worst ${worst.toFixed(3)}, ` +
    `volume-weighted average ${task.averagePeriodScore.toFixed(3)}${newcomer}.`
  );
}

function explainWaiting({ waitingCount }: MinerTaskReport): readonly string[] {
  if (waitingCount === 0) return [];
  return [
    `  ${counted(waitingCount, "answer")} still to be checked: until then their periods prove only what was proven before, and cost nothing.`,
  ];
}

function explainQuality(task: MinerTaskReport): string {
  if (task.sampleCount === 0) return "Quality: no answer was checked yet, so the quality is 0. That says nothing about its answers.";
  const byHours = task.meanHourVerdict < task.meanVerdict ? ` (${percent(task.meanHourVerdict)} where every hour counts once)` : "";
  const pace = task.meanSpeedFactor >= 1 ? "at or above" : "below";
  return (
    `Quality: ${counted(task.sampleCount, "answer")} checked, mean verdict ${percent(task.meanVerdict)}${byHours}, mean speed factor ` +
    `${task.meanSpeedFactor.toFixed(2)} (${pace} the task's target of 1), confidence ${task.sampleConfidence.toFixed(2)} for the number of answers: ` +
    `quality ${task.quality.toFixed(3)}.`
  );
}

function explainEvidence({ evidence }: MinerTaskReport): readonly string[] {
  const { isDecided, decidedPeriod, nats, suspicion } = evidence;
  if (isDecided) {
    return [
      `  Evidence: decided in period ${decidedPeriod} (${suspicion}, ${nats.toFixed(1)} nats), so the quality is 0 until that has lapsed.`,
    ];
  }
  return suspicion === null ? [] : [`  Evidence: ${suspicion}, ${nats.toFixed(1)} nats; nothing is decided.`];
}

function explainFaults(task: MinerTaskReport): readonly string[] {
  return task.faults.map(
    ({ period, qualityFraction, reasons }) =>
      `  Found in an answer of period ${period}, verdict ${percent(qualityFraction)}: ${reasons.join("; ")}.`,
  );
}

/** What held a miner back most at a task, or null if nothing stands out. */
function mainReason(task: MinerTaskReport): string | null {
  if (task.evidence.isDecided) return "that its answers, taken together, are not those of an honest engine";
  const losses: readonly (readonly [number, string])[] = [
    [
      task.declaredCapacityPerHour > 0 ? task.creditedCapacityPerHour / task.declaredCapacityPerHour : 0,
      "capacity that is declared but not credited",
    ],
    [task.averagePeriodScore, "requests that failed or were refused, or a short record"],
    // Without a check there is neither a wrong answer nor a slow one.
    ...(task.sampleCount === 0
      ? [[task.quality, "that none of its answers has been checked yet"] as const]
      : [
          [Math.min(task.meanVerdict, task.meanHourVerdict), "answers that did not match the reference"] as const,
          [task.meanSpeedFactor, "slow answers"] as const,
        ]),
  ];
  const [largest, reason] = losses.reduce((worst, loss) => (loss[0] < worst[0] ? loss : worst));
  return largest < 0.9 ? reason : null;
}

/** How much of a task's reward is paid, where it is not all: less is served than it takes. */
function explainPay(paidFraction = 1): string {
  return paidFraction < 1 ? ` (${percent(paidFraction)} of it paid, for what is served)` : "";
}

/**
 * Why a miner got its weight, in plain words, several lines. Volumes are in work units (tokens for text, steps for images).
 *
 * @param hotkey - A hotkey that is not in the report gets a line that says so.
 */
export function explainMiner(report: EpochReport, hotkey: string): string {
  const miner = report.miners.find((each) => each.hotkey === hotkey);
  if (miner === undefined) return `${hotkey} was not observed up to period ${report.period}, so it has no weight.`;
  const rank = report.miners.filter((each) => each.weight > miner.weight).length + 1;
  const lines = [
    `${hotkey}: weight ${percent(miner.weight)} of all, rank ${rank} of ${report.miners.length} (period ${report.period}, parameters ${report.preset}).`,
  ];
  for (const task of miner.tasks) {
    const facts = report.tasks.find((each) => each.taskId === task.taskId);
    lines.push(
      "",
      `${task.taskId}, ${percent(facts?.weight ?? 0)} of the reward${explainPay(facts?.paidFraction)}, ${counted(facts?.minerCount ?? 0, "miner")}: task score ${percent(task.taskScore)}.`,
      `  ${explainPeriods(task)}`,
      `  ${explainQuality(task)}`,
      ...explainWaiting(task),
      ...explainEvidence(task),
      ...explainFaults(task),
      `  ${explainCapacity(task)}`,
      `  Effective volume: quality ${task.quality.toFixed(3)} x average period score ${task.averagePeriodScore.toFixed(3)} x credited ` +
        `${units(task.creditedCapacityPerHour)} units/hour = ${units(task.effectiveVolume)} units/hour, ${percent(task.share)} of the task's ` +
        `${units(facts?.totalEffectiveVolume ?? 0)}.`,
    );
    const reason = mainReason(task);
    if (reason !== null) lines.push(`  What cost it most here: ${reason}.`);
  }
  const problems = report.problems.filter((problem) => problem.hotkey === hotkey);
  if (problems.length > 0) lines.push("", "Values that could not be taken as they came:");
  for (const problem of problems) lines.push(`  ${problem.taskId ?? "all tasks"}: ${problem.message}.`);
  return lines.join("\n");
}
