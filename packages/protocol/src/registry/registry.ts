import { z } from "zod";
import { VisionError } from "../errors/vision-error.js";
import { defaultTasks } from "./default-tasks.js";
import { type Task, taskIdSchema, taskSchema } from "./task.js";

/**
 * Changes to the registry, as a config file holds them, by task id: `null` removes a task, a full definition adds one, some fields
 * change one (`{ "isEnabled": false }` switches it off).
 */
export const taskChangesSchema = z.record(taskIdSchema, z.union([z.null(), z.looseObject({})]));

/** Changes to the built-in tasks; see {@link taskChangesSchema}. */
export type TaskChanges = z.infer<typeof taskChangesSchema>;

/** The tasks in force, by id. */
export type TaskRegistry = ReadonlyMap<string, Task>;

/** Registry of the given tasks. A later task of the same id replaces an earlier one. */
export function createRegistry(tasks: readonly Task[] = defaultTasks): TaskRegistry {
  return new Map(tasks.map((task) => [task.id, task]));
}

/**
 * The registry with changes applied.
 *
 * @throws {@link VisionError} `PROTOCOL_INVALID_TASK` naming every mistake in every changed task at once.
 */
export function changeRegistry(registry: TaskRegistry, changes: TaskChanges): TaskRegistry {
  const next = new Map(registry);
  const mistakes: string[] = [];
  for (const [id, change] of Object.entries(changes)) {
    if (change === null) {
      next.delete(id);
      continue;
    }
    const parsed = taskSchema.safeParse({ ...next.get(id), ...change, id });
    if (parsed.success) next.set(id, parsed.data);
    else for (const issue of parsed.error.issues) mistakes.push(`${id}.${issue.path.join(".")}: ${issue.message}`);
  }
  if (mistakes.length > 0) {
    throw new VisionError({ code: "PROTOCOL_INVALID_TASK", message: `Task definitions have mistakes: ${mistakes.join("; ")}.` });
  }
  return next;
}

/** Tasks that are switched on, in a stable order (by id). */
export function enabledTasks(registry: TaskRegistry): readonly Task[] {
  return [...registry.values()].filter((task) => task.isEnabled).sort((a, b) => (a.id < b.id ? -1 : 1));
}
