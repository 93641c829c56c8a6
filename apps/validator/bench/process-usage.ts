/** What a process has used so far. */
export type ProcessUsage = { readonly cpuMicroseconds: number; readonly rssBytes: number };

/** Tells the parent process what this one has used, all threads together, whenever it asks; ends with it. */
export function answerUsage(): void {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicroseconds: user + system, rssBytes: process.memoryUsage().rss } satisfies ProcessUsage);
  });
  process.on("disconnect", () => process.exit(0));
}
