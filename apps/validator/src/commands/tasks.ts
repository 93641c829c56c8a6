import { createReferenceModel } from "@vision/checking";
import { type ExitCode, exitCodes, renderTable, type SettingSources } from "@vision/program";
import { enabledTasks, type Task, type TaskRegistry } from "@vision/protocol";
import { changeTasksFile } from "../adapters/change-tasks-file.js";
import { readModelServer } from "../adapters/model-server-facts.js";
import { canBeChecked } from "../adapters/references.js";
import { loadTaskConfig, type ReferenceSettings, type TaskSettings, type WrittenTasksFile } from "../config/index.js";
import { planNewTask, type TextFamily } from "../domain/new-task.js";
import { defaultTaskShares } from "../domain/task-weights.js";
import type { CommandContext } from "./command-context.js";

/** How the task's answers are checked, in words. */
function describeReference(task: Task, references: readonly ReferenceSettings[]): string {
  if (!canBeChecked(task, references)) return "none: pays nobody";
  const named = references.filter(({ tasks }) => tasks.includes(task.id)).map(({ kind }) => kind);
  return named.length > 0 && task.check.kind === "teacher-forcing" ? [...new Set(named)].join(", ") : "embedded";
}

/** Shares of the enabled tasks as this validator sets them, as fractions. */
function shareFractions({ registry, taskWeights }: TaskSettings): ReadonlyMap<string, number> {
  const shares = taskWeights.kind === "config" ? taskWeights.shares : defaultTaskShares(registry, taskWeights.defaults);
  const total = enabledTasks(registry).reduce((sum, { id }) => sum + (shares[id] ?? 0), 0);
  return new Map(enabledTasks(registry).map(({ id }) => [id, total > 0 ? (shares[id] ?? 0) / total : 0]));
}

/** `vision-validator tasks list`: every task, served or not. */
export async function listTasks(
  sources: SettingSources,
  { isJson }: { readonly isJson: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { tasksFile, settings } = await loadTaskConfig(sources);
  const shares = shareFractions(settings);
  const tasks = [...settings.registry.values()].map((task) => ({
    ...task,
    share: shares.get(task.id) ?? 0,
    reference: describeReference(task, settings.references),
  }));
  if (isJson) {
    context.writeOut(`${JSON.stringify({ tasksFile, sharesFrom: settings.taskWeights.kind, tasks })}\n`);
    return exitCodes.ok;
  }
  const rows = tasks.map((task) => [
    task.id,
    task.isEnabled ? "on" : "off",
    task.model,
    task.family,
    `${(task.share * 100).toFixed(1)} %`,
    `${task.target.firstTokenMs} ms, ${task.target.unitsPerSecond}/s`,
    task.reference,
  ]);
  const shareTitle = settings.taskWeights.kind === "votes" ? "default share" : "share";
  context.writeOut(renderTable(["id", "state", "model", "family", shareTitle, "target speed", "reference"], rows));
  return exitCodes.ok;
}

/** What `tasks add` is told. */
export type AddTaskOptions = {
  readonly from: string;
  readonly model?: string | undefined;
  readonly id?: string | undefined;
  readonly family: TextFamily;
  readonly share?: number | undefined;
  readonly apiKey?: string | undefined;
};

const IN_FORCE = "A running validator takes it up with its next period.";

/** `vision-validator tasks add`: makes a task of a model at a server, and a reference where the server can be one. */
export async function addTask(sources: SettingSources, options: AddTaskOptions, context: CommandContext): Promise<ExitCode> {
  const { tasksFile: path, base, settings } = await loadTaskConfig(sources);
  const { from, family, id: wantedId, share, apiKey } = options;
  const found = await readModelServer({ url: from, model: options.model, apiKey }, context.signal);
  const isReference = found.engine === "vLLM";
  if (found.contextTokens === null) {
    context.writeError(`The server does not say how long the context of ${found.model} is, so no task can be made of it.\n`);
    return exitCodes.failed;
  }
  // vLLM writes a token behind what it scores.
  const contextTokens = isReference ? found.contextTokens - 1 : found.contextTokens;
  const plan = { id: wantedId, family, model: found.model, contextTokens, isEnabled: isReference };
  const { id, entry } = planNewTask(settings.registry, plan);
  const reference = { kind: "vllm" as const, url: from, model: found.model, ...(apiKey === undefined ? {} : { apiKey }), tasks: [id] };
  if (isReference) {
    const model = createReferenceModel({ ...reference, bestCount: 20, timeoutMs: 60_000 });
    try {
      await model.facts(context.signal);
    } finally {
      await model.close();
    }
  }
  // The configuration's own entry of the server would else agree with the file's about every answer.
  const isNamed = base.references.some((each) => isSameServer(each, reference) && each.tasks.includes(id));
  const kept = canBeChecked({ ...(settings.registry.get(id) as Task), ...entry, id } as Task, settings.references);
  await changeTasksFile({ path, base }, (written) => ({
    ...written,
    tasks: { ...written.tasks, [id]: { ...written.tasks?.[id], ...entry, isEnabled: isReference || kept } },
    ...(isReference && !isNamed ? { references: withReference(written.references ?? [], reference) } : {}),
    ...(share === undefined ? {} : { shares: { ...written.shares, [id]: share } }),
  }));
  context.writeOut(`${id}\n`);
  context.writeError(
    `${found.model} at ${found.engine ?? "a server of an unknown kind"}, context ${contextTokens} tokens, written to ${path}. ${IN_FORCE}\n`,
  );
  if (!isReference && !kept) {
    context.writeError(
      `The task is off: ${found.engine ?? "this server"} cannot tell what it thinks of given tokens, so it is no reference. Name one (a GGUF file, or a vLLM server with tasks add), then: vision-validator tasks enable ${id}\n`,
    );
  }
  if (share === undefined && (shareOf(await loadTaskConfig(sources), id) ?? 1) === 0) {
    context.writeError(`It has no share of the reward yet: add --share NUMBER, or vote (vision-validator vote set ${id}=...).\n`);
  }
  return exitCodes.ok;
}

function shareOf({ settings }: { readonly settings: TaskSettings }, id: string): number | undefined {
  return shareFractions(settings).get(id);
}

type WrittenReferences = NonNullable<WrittenTasksFile["references"]>;

type VllmServer = { readonly kind: "vllm"; readonly url: string; readonly model: string };

const serverUrl = (url: string) => new URL(url).href.replace(/\/+$/, "").replace(/\/v1$/, "");

/** Whether both ask the same model of the same server, however its address is written. */
function isSameServer(one: { readonly kind: "gguf" } | VllmServer, other: VllmServer): boolean {
  return one.kind === "vllm" && serverUrl(one.url) === serverUrl(other.url) && one.model === other.model;
}

/** The references with one more; one of the same server and model is it already, for more tasks. */
function withReference(references: WrittenReferences, added: WrittenReferences[number] & { readonly kind: "vllm" }): WrittenReferences {
  const same = references.find((each) => isSameServer(each, added));
  if (same === undefined) return [...references, added];
  const merged = { ...same, ...added, tasks: [...new Set([...same.tasks, ...added.tasks])] };
  return references.map((each) => (each === same ? merged : each));
}

function withoutTasks(references: WrittenReferences, ids: readonly string[]): WrittenReferences {
  return references
    .map((each) => ({ ...each, tasks: each.tasks.filter((id) => !ids.includes(id)) }))
    .filter(({ tasks }) => tasks.length > 0);
}

function tellUnknown(id: string, registry: TaskRegistry, { writeError }: CommandContext): ExitCode {
  writeError(`There is no task ${id}; there are ${[...registry.keys()].join(", ")}.\n`);
  return exitCodes.nothing;
}

/** `vision-validator tasks remove`: takes a task away, its share and its references of the file with it. */
export async function removeTask(sources: SettingSources, { id }: { readonly id: string }, context: CommandContext): Promise<ExitCode> {
  const { tasksFile: path, base, settings } = await loadTaskConfig(sources);
  if (!settings.registry.has(id)) return tellUnknown(id, settings.registry, context);
  await changeTasksFile({ path, base }, ({ tasks = {}, references = [], shares = {}, ...rest }) => {
    const { [id]: _, ...others } = tasks;
    const { [id]: __, ...otherShares } = shares;
    return {
      ...rest,
      // One that the protocol or the configuration has is there unless the file says that it is not.
      tasks: base.registry.has(id) ? { ...others, [id]: null } : others,
      references: withoutTasks(references, [id]),
      shares: otherShares,
    };
  });
  context.writeError(`Removed. ${IN_FORCE}\n`);
  return exitCodes.ok;
}

/** `vision-validator tasks enable` and `disable`: switches a task on or off; one that nothing can check stays off. */
export async function switchTask(
  sources: SettingSources,
  { id, isEnabled }: { readonly id: string; readonly isEnabled: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { tasksFile: path, base, settings } = await loadTaskConfig(sources);
  const task = settings.registry.get(id);
  if (task === undefined) return tellUnknown(id, settings.registry, context);
  if (isEnabled && !canBeChecked(task, settings.references)) {
    context.writeError(
      `No reference can check the answers of ${id}, so it would pay nobody; name one first (vision-validator tasks add, or references).\n`,
    );
    return exitCodes.misused;
  }
  await changeTasksFile({ path, base }, (written) => ({
    ...written,
    tasks: { ...written.tasks, [id]: { ...written.tasks?.[id], isEnabled } },
  }));
  context.writeError(`${id} is ${isEnabled ? "on" : "off"}. ${IN_FORCE}\n`);
  return exitCodes.ok;
}
