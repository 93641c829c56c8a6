import { enabledTasks, type Task, type TaskFamily, type TaskRegistry } from "@vision/protocol";
import { ApiError } from "./api-error.js";

/**
 * The task that a request's `model` names: by task id, or by the name of the model that the task serves.
 *
 * @throws {@link ApiError} 404 `model_not_found`.
 */
export function findTask(registry: TaskRegistry, family: TaskFamily, model: string): Task {
  const tasks = enabledTasks(registry);
  const matching = tasks.filter((task) => task.id === model || task.model === model);
  const task = matching.find((candidate) => candidate.family === family.name);
  if (task !== undefined) return task;
  const reason =
    matching.length > 0
      ? `The model \`${model}\` is not served at ${family.path}.`
      : `The model \`${model.slice(0, 128)}\` does not exist.`;
  const usable = tasks.filter((candidate) => candidate.family === family.name).map((candidate) => candidate.id);
  throw new ApiError({
    status: 404,
    code: "model_not_found",
    param: "model",
    message: `${reason} ${usable.length > 0 ? `Use one of: ${usable.join(", ")}.` : "No model is served there at the moment."}`,
  });
}

/**
 * The task of that id, or the first one that serves the model of that name.
 *
 * @throws {@link ApiError} 404 `model_not_found`.
 */
export function findModel(registry: TaskRegistry, name: string): Task {
  const tasks = enabledTasks(registry);
  const task = tasks.find(({ id }) => id === name) ?? tasks.find(({ model }) => model === name);
  if (task !== undefined) return task;
  const message = `The model \`${name.slice(0, 128)}\` does not exist.`;
  throw new ApiError({ status: 404, code: "model_not_found", param: "model", message });
}
