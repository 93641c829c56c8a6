import Table from "cli-table3";
import type { StrategyResult } from "./evaluate.js";
import type { LabReport } from "./report.js";

/** What each strategy earned of itself being honest, before and now, largest change first. */
export function renderComparison(results: readonly StrategyResult[], earlier: LabReport): string {
  const table = new Table({
    head: ["strategy", "before", "now", "change"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  const rows = results.map(({ strategy, income }) => {
    const before = earlier.results.find((one) => one.strategy === strategy)?.income.mean ?? Number.NaN;
    return { strategy, before, now: income.mean, change: income.mean - before };
  });
  for (const { strategy, before, now, change } of rows.sort((a, b) => Math.abs(b.change) - Math.abs(a.change))) {
    table.push([strategy, before.toFixed(2), now.toFixed(2), `${change >= 0 ? "+" : ""}${change.toFixed(2)}`]);
  }
  return table.toString();
}
