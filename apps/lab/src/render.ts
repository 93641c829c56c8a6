import Table from "cli-table3";
import type { StrategyResult } from "./evaluate.js";
import type { Estimate } from "./statistics.js";

/** Most that a strategy may earn, of honest income for the same hardware, its 95 % interval included. */
export const BOUND = 1.05;

/** Whether a strategy keeps to {@link BOUND}; honest ones and those out of reach of any score always do. */
export function isWithinBound({ kind, isOutOfReach, income }: StrategyResult): boolean {
  return kind === "honest" || isOutOfReach || income.mean + income.margin <= BOUND;
}

/** Whether more seeds may show on which side of {@link BOUND} a strategy is: its interval holds it. */
export function isUndecided(result: StrategyResult): boolean {
  const { mean, margin } = result.income;
  return result.kind === "attack" && !result.isOutOfReach && Math.abs(mean - BOUND) <= margin;
}

/** The results as a table for a terminal, dearest attack first. */
export function renderTable(results: readonly StrategyResult[]): string {
  const table = new Table({
    head: ["strategy", "of itself honest", "of its twin", "bystanders", "converges, h", "probed", ""],
    colAligns: ["left", "right", "right", "right", "right", "right", "left"],
    style: { head: [], border: [] },
  });
  const ordered = [...results].sort((a, b) => b.income.mean - a.income.mean);
  for (const result of ordered) {
    table.push([
      result.strategy,
      written(result.income),
      written(result.againstTwin),
      result.bystanders.mean.toFixed(3),
      String(result.hoursToConverge),
      `${(100 * result.probedFraction).toFixed(1)} %`,
      verdictOf(result),
    ]);
  }
  return table.toString();
}

function verdictOf(result: StrategyResult): string {
  if (result.kind === "honest") return "honest";
  if (result.isOutOfReach) return "out of reach of any score";
  return isWithinBound(result) ? "does not pay" : "PAYS";
}

function written({ mean, margin }: Estimate): string {
  return `${mean.toFixed(2)} ± ${Number.isFinite(margin) ? margin.toFixed(2) : "?"}`;
}
