import type { TaskRegistry } from "@vision/protocol";
import type { TaskWeightSource } from "./task-weights.js";

/** What holds for a period: the tasks, and what the reward is shared out among them by. */
export type TaskSetup = { readonly registry: TaskRegistry; readonly taskWeights: TaskWeightSource };
