import { invalidSettings, type SourceProblem } from "@vision/program";
import { defaultTasks, type Task } from "@vision/sdk";
import type { InferenceBackend, PooledBackend } from "@vision/sdk/backends";
import type { MinerConfig } from "../config/miner-config.js";
import { createBackend } from "./create-backend.js";

type Served = Pick<MinerConfig, "tasks" | "taskDefinitions" | "backends">;

/**
 * The backends of a configuration, by name. None has been asked for anything yet.
 *
 * @param baseDirectory - Folder that paths in what modules configure count from.
 * @throws VisionError `CONFIG_INVALID` with every backend that cannot be made, and every task that its backend can never serve.
 */
export async function openBackends(config: Served, baseDirectory: string): Promise<ReadonlyMap<string, InferenceBackend>> {
  const backends = new Map<string, InferenceBackend>();
  const problems: SourceProblem[] = [];
  for (const [name, backend] of Object.entries(config.backends)) {
    try {
      backends.set(name, await createBackend(backend, baseDirectory));
    } catch (error) {
      problems.push({ where: `backends.${name}`, message: error instanceof Error ? error.message : String(error) });
    }
  }
  for (const [id, task] of Object.entries(config.tasks)) {
    const definition = definitionOf(id, config);
    if (definition === undefined) continue;
    const { family, model } = definition;
    const obstacle = await backendOf(task, backends)?.findObstacle?.({ family, model: task.model ?? model });
    if (typeof obstacle === "string") problems.push({ where: `tasks.${id}`, message: obstacle });
  }
  if (problems.length === 0) return backends;
  await Promise.all([...backends.values()].map((backend) => backend.close?.()));
  throw invalidSettings(problems);
}

/** Whether a backend is several. */
export function isPooled(backend: InferenceBackend): backend is PooledBackend {
  return "getMembers" in backend;
}

/** The backend of a task: the one that it names, or the only one. */
export function backendOf<Backend>(
  { backend }: Pick<MinerConfig["tasks"][string], "backend">,
  backends: ReadonlyMap<string, Backend>,
): Backend | undefined {
  const [only] = backends.values();
  return backend === undefined ? only : backends.get(backend);
}

/** What is known of a task; undefined for one that only validators know. */
export function definitionOf(id: string, { taskDefinitions }: Pick<MinerConfig, "taskDefinitions">): Task | undefined {
  return [...taskDefinitions, ...defaultTasks].find((task) => task.id === id);
}
