import type { PeriodReport, PeriodSummary } from "@vision/protocol";

/** A closed period in a few numbers. The database does the same without handing the whole report over; the store's contract compares. */
export function summarisePeriod(report: PeriodReport): PeriodSummary {
  const tasks = report.miners.flatMap((miner) => miner.tasks);
  const sum = (name: "requests" | "organicCount" | "okCount" | "rateLimitedCount" | "failedCount") =>
    tasks.reduce((total, task) => total + task[name], 0);
  return {
    ...{ period: report.period, startsAtMs: report.startsAtMs, endsAtMs: report.endsAtMs },
    ...{ requests: sum("requests"), organicCount: sum("organicCount") },
    ...{ okCount: sum("okCount"), rateLimitedCount: sum("rateLimitedCount"), failedCount: sum("failedCount") },
    weights: Object.fromEntries(report.miners.map(({ hotkey, weight }) => [hotkey, weight])),
  };
}
