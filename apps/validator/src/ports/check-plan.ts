import type { Task } from "@vision/protocol";

/** What a miner and task's plan expects of the running period, for the choice of answers that are checked. */
export type ExpectedAnswers = { readonly answers: number; readonly isBigDraw: boolean };

/** What is known before a miner is asked about whether its answer is to be checked. */
export type CheckPlan = {
  canCheck(task: Task): boolean;
  expected(hotkey: string, taskId: string): ExpectedAnswers;
};
