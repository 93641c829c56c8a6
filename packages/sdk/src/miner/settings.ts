import { defaultTasks, type Task, taskIdSchema, taskSchema, VisionError } from "@vision/protocol";
import type { InferenceBackend } from "../backends/inference-backend.js";
import type { MinerOptions } from "./miner.js";

/** One task that the miner serves, with everything decided. */
export type ServedTask = {
  readonly id: string;
  readonly capacityPerHour: number;
  readonly concurrency: number;
  readonly model: string | null;
  readonly backend: InferenceBackend;
  /** Our own definition; `null` for a task that only validators know. */
  readonly definition: Task | null;
};

const DEFAULT_CONCURRENCY = 8;

/**
 * The tasks of the options, by id.
 *
 * @throws {@link VisionError} `SDK_INVALID_OPTIONS` naming every mistake at once.
 */
export function readServedTasks(options: MinerOptions): ReadonlyMap<string, ServedTask> {
  const mistakes: string[] = [];
  const definitions = new Map(defaultTasks.map((task) => [task.id, task]));
  for (const definition of options.taskDefinitions ?? []) {
    const parsed = taskSchema.safeParse(definition);
    if (parsed.success) definitions.set(parsed.data.id, parsed.data);
    else for (const issue of parsed.error.issues) mistakes.push(`taskDefinitions: ${issue.path.join(".")}: ${issue.message}`);
  }
  const served = new Map<string, ServedTask>();
  for (const [id, task] of Object.entries(options.tasks)) {
    const { capacityPerHour, concurrency = DEFAULT_CONCURRENCY, model = null } = task;
    const backend = options.backends?.[id] ?? options.backend;
    if (!taskIdSchema.safeParse(id).success) mistakes.push(`tasks.${id}: a task id is lower-case words joined by hyphens`);
    if (!Number.isFinite(capacityPerHour) || capacityPerHour < 0)
      mistakes.push(`tasks.${id}.capacityPerHour: must be a number of at least 0`);
    if (!Number.isInteger(concurrency) || concurrency < 1) mistakes.push(`tasks.${id}.concurrency: must be a whole number of at least 1`);
    if (model === "") mistakes.push(`tasks.${id}.model: must not be empty`);
    if (backend === undefined) mistakes.push(`tasks.${id}: no backend; pass \`backend\` or \`backends["${id}"]\``);
    else served.set(id, { id, capacityPerHour, concurrency, model, backend, definition: definitions.get(id) ?? null });
  }
  if (Object.keys(options.tasks).length === 0) mistakes.push("tasks: name at least one task");
  const { burstFraction, sessionTtlMs } = options;
  if (burstFraction !== undefined && !(burstFraction > 0 && burstFraction <= 1))
    mistakes.push("burstFraction: must be above 0 and at most 1");
  if (sessionTtlMs !== undefined && !(sessionTtlMs >= 1000)) mistakes.push("sessionTtlMs: must be at least 1000");
  if (mistakes.length > 0) {
    throw new VisionError({
      code: "SDK_INVALID_OPTIONS",
      message: `The options of createMiner have mistakes: ${mistakes.join("; ")}.`,
      facts: { mistakes },
    });
  }
  return served;
}
