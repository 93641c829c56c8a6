/** What a process has used so far, all its threads together. */
export type ProcessUsage = { readonly cpuMicroseconds: number; readonly rssBytes: number; readonly peakRssBytes: number };

/** Tells the parent process what this one has used whenever it asks; ends with it. */
export function answerUsage(): void {
  process.on("message", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage = { cpuMicroseconds: userCPUTime + systemCPUTime, rssBytes: process.memoryUsage().rss, peakRssBytes: maxRSS * 1024 };
    process.send?.(usage satisfies ProcessUsage);
  });
  process.on("disconnect", () => process.exit(0));
}
