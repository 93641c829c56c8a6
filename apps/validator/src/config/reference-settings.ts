import { availableParallelism } from "node:os";
import { findMissingFile, type SettingProblem, setting } from "@vision/program";
import { type TaskRegistry, taskIdSchema } from "@vision/protocol";
import { checkWorkersOf } from "@vision/scoring/probing";
import { z } from "zod";

/** What every kind of reference is told. */
const common = {
  /** Tasks whose answers it judges. */
  tasks: z.array(taskIdSchema).min(1).max(256),
  /** Answers that it is asked about at a time; left out as many as its kind can make use of. */
  concurrency: z.int().min(1).max(256).optional(),
};

const ggufSchema = z.strictObject({
  kind: z.literal("gguf"),
  ...common,
  path: setting(z.string().min(1), { description: "A GGUF file.", isPath: true }),
  /** What the file's bytes must hash to, hex. */
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, "must be a SHA-256 in hex, 64 characters, as sha256sum prints it")
    .optional(),
  threads: setting(
    z
      .int()
      .min(1)
      .max(1024)
      .default(() => checkWorkersOf(availableParallelism())),
    { description: "Threads that it computes on.", defaultText: "one less than cores, at most 8" },
  ),
  /** Longest prompt plus answer, tokens; left out the longest of its tasks. */
  contextTokens: z.int().min(16).max(2_000_000).optional(),
  gpu: z.union([z.literal("auto"), z.literal(false)]).default("auto"),
});

const vllmSchema = z.strictObject({
  kind: z.literal("vllm"),
  ...common,
  /** Where the server's API begins, with or without the closing `/v1`. */
  url: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .refine((url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === "", "must hold no key; give it as apiKey"),
  /** As the server's `/v1/models` lists it. */
  model: z.string().min(1).max(256),
  apiKey: setting(z.string().min(1).optional(), { description: "Sent as a bearer token.", isSecret: true }),
  /** Likeliest tokens that are asked for at each place. */
  bestCount: z.int().min(1).max(1024).default(20),
  /** A request that takes longer has failed. */
  timeoutMs: z.int().min(100).max(600_000).default(60_000),
});

const referenceSchema = z.discriminatedUnion("kind", [ggufSchema, vllmSchema]);

/** A model that answers are checked against, as the configuration names it. */
export type ReferenceSettings = z.output<typeof referenceSchema>;

/** Models beside the embedded ones. */
export const referencesSetting = setting(z.array(referenceSchema).max(64).default([]), {
  description:
    'Models that answers are checked against beside the embedded ones, a list of `{ "kind": "gguf", "path": "FILE", "tasks": ["TASK"] }` or `{ "kind": "vllm", "url": "URL", "model": "NAME", "tasks": ["TASK"] }`; see [real models](../validating/real-models.md).',
});

/**
 * What of the references does not fit the tasks or the machine.
 *
 * @param lookFor - Finds the problem of a file that is not there; of a validator whose checkers have the files it finds none.
 */
export async function checkReferenceSettings(
  references: readonly ReferenceSettings[],
  { registry, lookFor }: { readonly registry: TaskRegistry | undefined; readonly lookFor: typeof findMissingFile },
): Promise<readonly SettingProblem[]> {
  const found = references.map(async (reference, index) => {
    const path = ["references", String(index)];
    const problems =
      registry === undefined
        ? []
        : reference.tasks.flatMap((id, place) => checkTask(id, { registry, path: [...path, "tasks", `${place}`] }));
    return [...problems, ...("path" in reference ? await lookFor([...path, "path"], reference.path) : [])];
  });
  return (await Promise.all(found)).flat();
}

/** How a model's file is looked for: those of a validator that checks nothing itself are on other machines. */
export function findModelFile(isOwn: boolean | undefined): typeof findMissingFile {
  return isOwn === false ? async () => [] : findMissingFile;
}

function checkTask(
  id: string,
  { registry, path }: { readonly registry: TaskRegistry; readonly path: readonly string[] },
): readonly SettingProblem[] {
  const task = registry.get(id);
  if (task === undefined) {
    return [{ path, message: `there is no task ${id}; add it in taskChanges, or name one of ${[...registry.keys()].join(", ")}` }];
  }
  if (task.check.kind === "teacher-forcing") return [];
  return [{ path, message: `answers of ${id} are not judged by a language model: its check is ${task.check.kind}` }];
}

/** The settings with what the tasks say of the models: a reference takes prompts and answers as long as the longest of its tasks. */
export function withTaskContexts(references: readonly ReferenceSettings[], registry: TaskRegistry): readonly ReferenceSettings[] {
  return references.map((reference) => {
    if (reference.kind !== "gguf" || reference.contextTokens !== undefined) return reference;
    const known = reference.tasks.flatMap((id) => registry.get(id)?.contextTokens ?? []);
    return known.length === 0 ? reference : { ...reference, contextTokens: Math.max(...known) };
  });
}
