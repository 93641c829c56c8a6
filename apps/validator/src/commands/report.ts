import { type ExitCode, exitCodes, renderTable, type SettingSources } from "@vision/program";
import type { PeriodReport } from "@vision/protocol";
import { loadDatabaseConfig } from "../config/index.js";
import type { CommandContext } from "./command-context.js";
import { withStore } from "./with-store.js";

const whole = (value: number) => Math.round(value).toLocaleString("en-US");

const titles = [
  ...["uid", "miner", "task", "declared/h", "credited/h", "tried", "ok/429/failed", "organic"],
  ...["period", "reliability", "quality", "speed", "task score", "weight"],
];

/** A period as a table, one line per miner and task, heaviest miner first; below it the newest fault that was found at each. */
function renderReport(report: PeriodReport): string {
  const rows = report.miners.flatMap((miner) =>
    miner.tasks.map((task) => [
      miner.uid === null ? "" : String(miner.uid),
      miner.hotkey,
      task.taskId,
      whole(task.declaredCapacityPerHour),
      whole(task.creditedCapacityPerHour),
      `${whole(task.triedFraction * 100)} %`,
      `${task.okCount}/${task.rateLimitedCount}/${task.failedCount}`,
      whole(task.organicCount),
      task.periodScore === null ? "-" : task.periodScore.toFixed(3),
      task.averagePeriodScore.toFixed(3),
      task.quality.toFixed(3),
      task.meanSpeedFactor.toFixed(2),
      task.taskScore.toFixed(4),
      `${(miner.weight * 100).toFixed(2)} %`,
    ]),
  );
  const faults = report.miners.flatMap(({ hotkey, tasks }) =>
    tasks.flatMap(({ taskId, faults: found }) =>
      found.slice(0, 1).map((fault) => `${hotkey} ${taskId}, period ${fault.period}: ${fault.reasons.join("; ")}\n`),
    ),
  );
  return `${renderTable(titles, rows)}${faults.length > 0 ? `\nFound in answers:\n${faults.join("")}` : ""}`;
}

/** Tasks with a share of the reward of whose answers none has been checked, at any miner: they pay nobody. */
function describeUnchecked({ tasks, miners }: PeriodReport): string {
  const isChecked = (taskId: string) => miners.some((miner) => miner.tasks.some((task) => task.taskId === taskId && task.sampleCount > 0));
  return tasks
    .filter(({ taskId, weight }) => weight > 0 && !isChecked(taskId))
    .map(({ taskId }) => `No answer of ${taskId} has been checked yet, so it pays nobody.\n`)
    .join("");
}

function describeHead(report: PeriodReport): string {
  const from = new Date(report.startsAtMs).toISOString();
  const to = new Date(report.endsAtMs).toISOString();
  const tasks = report.tasks.map(({ taskId, weight }) => `${taskId} ${(weight * 100).toFixed(1)} %`).join(", ");
  return `Period ${report.period}, ${from} to ${to}, parameters ${report.preset}\nTask weights: ${tasks}\n${describeUnchecked(report)}\n`;
}

/** `vision-validator report`: the public report of a period, the latest by default. Format `scores`: every intermediate value, as JSON. */
export async function report(
  sources: SettingSources,
  options: { readonly period: number | null; readonly format: "table" | "json" | "scores" },
  context: CommandContext,
): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const { period, format } = options;
  const text = await withStore(database, context.signal, async (store) => {
    if (format === "scores") {
      const epoch = await (period === null ? store.getLatestEpoch() : store.getEpoch(period));
      return epoch === null ? null : `${JSON.stringify({ ...epoch.report, createdAtMs: epoch.createdAtMs })}\n`;
    }
    const found = await (period === null ? store.getLatestPeriodReport() : store.getPeriodReport(period));
    if (found === null) return null;
    return format === "json" ? `${JSON.stringify(found)}\n` : `${describeHead(found)}${renderReport(found)}`;
  });
  if (text === null) {
    context.writeError(period === null ? "No period has been scored yet.\n" : `There is no report of period ${period}.\n`);
    return exitCodes.nothing;
  }
  context.writeOut(text);
  return exitCodes.ok;
}
