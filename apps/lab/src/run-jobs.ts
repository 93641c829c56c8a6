import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { StrategyResult } from "./evaluate.js";
import type { LabJob } from "./worker.js";

/**
 * Runs jobs on as many threads as the machine has cores, at most one for each job.
 *
 * @param onResult - Told of each result as it comes; results are returned in the order of the jobs.
 * @throws what a job threw; the other threads are stopped.
 */
export async function runJobs(jobs: readonly LabJob[], onResult: (result: StrategyResult) => void): Promise<readonly StrategyResult[]> {
  const results = new Array<StrategyResult>(jobs.length);
  const workers = Array.from(
    { length: Math.min(availableParallelism(), jobs.length) },
    () => new Worker(new URL("worker.js", import.meta.url)),
  );
  let next = 0;
  const work = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      let index = -1;
      const take = (): void => {
        index = next;
        next += 1;
        if (index < jobs.length) worker.postMessage(jobs[index]);
        else resolve();
      };
      worker.on("message", (result: StrategyResult) => {
        results[index] = result;
        onResult(result);
        take();
      });
      worker.on("error", reject);
      take();
    });
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}
