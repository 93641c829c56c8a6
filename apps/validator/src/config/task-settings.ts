import { placeInFile, type SettingProblem, type SourceProblem } from "@vision/program";
import { changeRegistry, enabledTasks, type TaskRegistry, VisionError } from "@vision/protocol";
import type { TaskSetup } from "../domain/task-setup.js";
import { defaultTaskShares, type TaskShares, type TaskWeightSource } from "../domain/task-weights.js";
import { checkReferenceSettings, findModelFile, type ReferenceSettings, withTaskContexts } from "./reference-settings.js";
import { readTasksFile, type TasksFile } from "./tasks-file.js";

/** What the configuration alone says of tasks. */
export type TaskBase = {
  readonly registry: TaskRegistry;
  readonly references: readonly ReferenceSettings[];
  /** False where the models' files are on other machines. */
  readonly areModelsHere?: boolean;
  readonly taskWeights: { readonly source?: "votes" | "config" | undefined; readonly shares: TaskShares };
};

/** Everything that is settled by task. */
export type TaskSettings = TaskSetup & { readonly references: readonly ReferenceSettings[] };

/** The tasks of the configuration with those of the file put over them. @throws VisionError `PROTOCOL_INVALID_TASK`. */
export function toTaskSettings(base: TaskBase, file: TasksFile): TaskSettings {
  const registry = changeRegistry(base.registry, file.tasks);
  return {
    registry,
    references: withTaskContexts([...base.references, ...file.references], registry),
    taskWeights: toTaskWeights(base.taskWeights, { registry, shares: file.shares }),
  };
}

/** What of the file does not fit the tasks of the configuration, or this machine. */
export async function checkTasksFile(
  registry: TaskRegistry,
  { file, lookFor }: { readonly file: TasksFile; readonly lookFor: ReturnType<typeof findModelFile> },
): Promise<readonly SettingProblem[]> {
  let changed: TaskRegistry;
  try {
    changed = changeRegistry(registry, file.tasks);
  } catch (error) {
    if (VisionError.isInstance(error, "PROTOCOL_INVALID_TASK")) return [{ path: ["tasks"], message: error.message }];
    throw error;
  }
  return [
    ...Object.keys(file.shares)
      .filter((id) => !changed.has(id))
      .map((id) => ({ path: ["shares", id], message: `there is no such task; there are ${[...changed.keys()].join(", ")}` })),
    ...(await checkReferenceSettings(file.references, { registry: changed, lookFor })),
  ];
}

/** Tasks that the configuration and the file make together, or everything that is wrong with them. */
export type ReadTaskSettings =
  | { readonly kind: "read"; readonly settings: TaskSettings }
  | { readonly kind: "refused"; readonly problems: readonly SourceProblem[] };

/** Reads the file anew over a configuration that was found good before. */
export async function readTaskSettings(path: string, base: TaskBase): Promise<ReadTaskSettings> {
  const read = await readTasksFile(path);
  if (read.kind === "refused") return read;
  const place = (problem: SettingProblem) => placeInFile(path, problem);
  const lookFor = findModelFile(base.areModelsHere);
  const problems = (await checkTasksFile(base.registry, { file: read.value, lookFor })).map(place);
  if (problems.length > 0) return { kind: "refused", problems };
  const settings = toTaskSettings(base, read.value);
  // What was right before may not be beside the file any more: a reference of a task that it removes.
  const ofReferences = (await checkReferenceSettings(base.references, { registry: settings.registry, lookFor })).map(
    ({ path: where, message }) => ({ where: `${where.join(".")} of the configuration`, message }),
  );
  const left = [...ofReferences, ...checkTasksLeft(settings).map(({ message }) => place({ path: [], message }))];
  return left.length === 0 ? { kind: "read", settings } : { kind: "refused", problems: left };
}

/** Why nobody could be paid at all, by the settings of the configuration that say so. */
export function checkTasksLeft({ registry, taskWeights }: TaskSetup): readonly SettingProblem[] {
  if (enabledTasks(registry).length === 0) {
    return [{ path: ["taskChanges"], message: "no task is switched on; a validator needs at least one" }];
  }
  const isNoneShared = taskWeights.kind === "config" && Object.values(taskWeights.shares).every((share) => share === 0);
  if (!isNoneShared) return [];
  return [{ path: ["taskWeights", "shares"], message: "no task that is switched on has a share above 0; give at least one a share" }];
}

/** Where the tasks' shares come from, with those of the file put over the configuration's. */
export function toTaskWeights(
  { source, shares: own }: Pick<TaskBase["taskWeights"], "source"> & { readonly shares: Readonly<Record<string, number | undefined>> },
  { registry, shares }: { readonly registry: TaskRegistry; readonly shares: TaskShares },
): TaskWeightSource {
  if (Object.keys(own).length > 0) return { kind: "config", shares: ownShares({ ...own, ...shares }, registry) };
  if (source === "config") return { kind: "config", shares: defaultTaskShares(registry, shares) };
  return Object.keys(shares).length === 0 ? { kind: "votes" } : { kind: "votes", defaults: shares };
}

/** A validator's own shares of the enabled tasks. */
function ownShares(shares: Readonly<Record<string, number | undefined>>, registry: TaskRegistry): TaskShares {
  return Object.fromEntries(enabledTasks(registry).map(({ id }) => [id, shares[id] ?? 0]));
}
