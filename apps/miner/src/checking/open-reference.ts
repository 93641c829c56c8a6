import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import {
  createEmbeddedReference,
  createInProcessEngine,
  createModelReference,
  createReferenceModel,
  type Reference,
  type ReferenceModelSettings,
} from "@vision/checking";
import type { Task } from "@vision/sdk";
import type { ReferenceChoice } from "./parse-reference.js";

/** Half of the machine: the miner's own model may run beside it. */
const threads = Math.max(1, Math.floor(availableParallelism() / 2));
/** As many as vLLM lists by its own default. */
const BEST_COUNT = 20;
const TIMEOUT_MS = 60_000;

/** The reference of a choice. Nothing is loaded, and no server asked, before its first answer. `modelName` as a vLLM server lists it. */
export function openReference(
  choice: ReferenceChoice,
  { tasks, modelName }: { readonly tasks: readonly Task[]; readonly modelName: string | null },
): Reference {
  if (choice.kind === "embedded") return createEmbeddedReference(createInProcessEngine());
  return createModelReference(createReferenceModel(settingsOf(choice, { tasks, modelName })));
}

function settingsOf(
  choice: Exclude<ReferenceChoice, { kind: "embedded" }>,
  { tasks, modelName }: { readonly tasks: readonly Task[]; readonly modelName: string | null },
): ReferenceModelSettings {
  if (choice.kind === "vllm") {
    return { ...choice, model: modelName ?? tasks[0]?.model ?? "", bestCount: BEST_COUNT, timeoutMs: TIMEOUT_MS };
  }
  const contexts = tasks.flatMap(({ contextTokens }) => contextTokens ?? []);
  const contextTokens = contexts.length === 0 ? undefined : Math.max(...contexts);
  return { ...choice, path: resolve(choice.path), threads, contextTokens, gpu: "auto" };
}
