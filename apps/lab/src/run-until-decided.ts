import type { StrategyResult } from "./evaluate.js";
import { isUndecided } from "./render.js";
import type { LabJob } from "./worker.js";

/**
 * Runs jobs, and those whose interval holds the bound once more on more seeds.
 *
 * @param moreSeeds - What a second run is tried on; none is held where they are no more than a job's own.
 * @param run - Runs jobs; results in their order.
 * @returns The last result of each job, in the order of the jobs.
 */
export async function runUntilDecided(
  jobs: readonly LabJob[],
  moreSeeds: readonly number[],
  run: (jobs: readonly LabJob[]) => Promise<readonly StrategyResult[]>,
): Promise<readonly StrategyResult[]> {
  const results = await run(jobs);
  const open = results.flatMap((result, index) => (isUndecided(result) && moreSeeds.length > result.seeds ? [index] : []));
  const again = await run(jobs.filter((_, index) => open.includes(index)).map((job) => ({ ...job, seeds: moreSeeds })));
  return results.map((result, index) => again[open.indexOf(index)] ?? result);
}
