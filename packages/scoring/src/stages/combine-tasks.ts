/**
 * Overall score: sum over tasks of task weight x task score.
 *
 * @param tasks - One entry per task that the miner takes part in. `weight` and `taskScore` are 0 to 1.
 * @returns 0 to 1.
 */
export function combineTasks(tasks: readonly { readonly weight: number; readonly taskScore: number }[]): number {
  let overall = 0;
  for (const task of tasks) overall += task.weight * task.taskScore;
  return Math.min(overall, 1);
}
