import { type Task, type TaskRegistry, taskIdSchema } from "@vision/protocol";

/** What ids of tasks begin with, by the families that a chat or completion server's model can serve. The first is the usual one. */
const prefixes = { "chat-completions": "chat", completions: "completion" } as const;

/** Families that a chat or completion server's model can serve. */
export type TextFamily = keyof typeof prefixes;

/** All of them, the usual one first. */
export const textFamilies = Object.keys(prefixes) as readonly TextFamily[];

/** What is known of a model that is to become a task. */
export type NewTask = {
  readonly id?: string | undefined;
  readonly family: TextFamily;
  readonly model: string;
  readonly contextTokens: number;
  readonly isEnabled: boolean;
};

const MAX_ID_CHARACTERS = 64;

/** A task's id after its model: `meta-llama/Llama-3.1-8B-Instruct` at a chat is `chat-llama-3-1-8b-instruct`. */
function taskIdOf(family: TextFamily, model: string): string {
  const name = model.split("/").filter(Boolean).at(-1) ?? model;
  const words = name
    .toLowerCase()
    .replace(/\.gguf$/, "")
    .replaceAll(/[^a-z0-9]+/g, "-");
  const id = `${prefixes[family]}-${words}`.replaceAll(/-+/g, "-").slice(0, MAX_ID_CHARACTERS).replace(/-$/, "");
  return taskIdSchema.parse(id);
}

/**
 * What a file of tasks says of a new task: changes to a task of the registry that has the model and the family already, else all of it, with
 * what the registry's own text tasks have.
 */
export function planNewTask(
  registry: TaskRegistry,
  { id, family, model, contextTokens, isEnabled }: NewTask,
): { readonly id: string; readonly entry: Partial<Task> } {
  const same = [...registry.values()].find((task) => (id === undefined ? task.model === model && task.family === family : task.id === id));
  if (same !== undefined)
    return { id: same.id, entry: { model, contextTokens: Math.min(contextTokens, same.contextTokens ?? contextTokens), isEnabled } };
  return {
    id: id ?? taskIdOf(family, model),
    entry: {
      family,
      displayName: `${model.split("/").at(-1) ?? model} ${prefixes[family]}`,
      model,
      contextTokens,
      capabilities: ["tools", "json", "logit-bias", "sampling", "continuation"],
      maxCapacityPerHour: 5_000_000,
      typicalUnitsPerRequest: 300,
      timeoutMs: 60_000,
      target: { firstTokenMs: 500, unitsPerSecond: 60 },
      check: {
        kind: "teacher-forcing",
        samplers: ["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp", "unknown"],
        marginNats: 0.5,
        maxLogprobDifference: 0.25,
      },
      isEnabled,
    },
  };
}
