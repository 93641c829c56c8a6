import type { EpochReport } from "@vision/scoring";
import { type ConfigSources, loadDatabaseConfig } from "../config/index.js";
import { type CommandContext, type ExitCode, exitCodes } from "./command-context.js";
import { renderTable } from "./render-table.js";
import { withStore } from "./with-store.js";

const whole = (value: number) => Math.round(value).toLocaleString("en-US");

/** Scores of an epoch as a table, one line per miner and task, heaviest miner first. */
export function renderReport(report: EpochReport): string {
  const miners = [...report.miners].sort((a, b) => b.weight - a.weight || (a.hotkey < b.hotkey ? -1 : 1));
  const rows = miners.flatMap((miner) =>
    miner.tasks.map((task) => [
      miner.hotkey,
      task.taskId,
      whole(task.declaredCapacityPerHour),
      whole(task.creditedCapacityPerHour),
      `${task.okCount}/${task.rateLimitedCount}/${task.failedCount}`,
      task.averagePeriodScore.toFixed(3),
      task.quality.toFixed(3),
      task.meanSpeedFactor.toFixed(2),
      task.taskScore.toFixed(4),
      `${(miner.weight * 100).toFixed(2)} %`,
    ]),
  );
  const titles = ["miner", "task", "declared/h", "credited/h", "ok/429/failed", "reliability", "quality", "speed", "task score", "weight"];
  return renderTable(titles, rows);
}

/** `vision-validator report`: the scores of a period, the latest by default. */
export async function report(
  sources: ConfigSources,
  options: { readonly period: number | null; readonly isJson: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const { period } = options;
  const epoch = await withStore(database, context.signal, (store) => (period === null ? store.getLatestEpoch() : store.getEpoch(period)));
  if (epoch === null) {
    context.writeError(period === null ? "Nothing has been scored yet.\n" : `There are no scores of period ${period}.\n`);
    return exitCodes.nothing;
  }
  context.writeOut(
    options.isJson
      ? `${JSON.stringify(epoch)}\n`
      : `Period ${epoch.period}, scored ${new Date(epoch.createdAtMs).toISOString()}, parameters ${epoch.report.preset}\n\n${renderReport(epoch.report)}`,
  );
  return exitCodes.ok;
}
