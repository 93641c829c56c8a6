import type { TaskSetup } from "../domain/task-setup.js";

/** Tasks that are to hold from the next period on. */
export type NextTasks = {
  readonly setup: TaskSetup;
  /** Says that they hold now: what their answers are checked against is opened, what no task needs any more is closed. Never throws. */
  readonly takeUp: () => void;
};

/** Where changes of the tasks come from while the validator runs. */
export type TaskSource = {
  /** Tasks that are not taken up yet; null while nothing has changed. Never waits. */
  next(): NextTasks | null;
};
