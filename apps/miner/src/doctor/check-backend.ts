import { type DoctorCheck, type Finding, fail, ok, warn } from "@vision/program";
import type { InferenceBackend } from "@vision/sdk/backends";
import { backendOf, definitionOf, isPooled } from "../backends/open-backends.js";
import type { MinerConfig } from "../config/miner-config.js";

/** Whether a backend answers, has the models of its tasks, and takes prompts and answers as long as they get. */
export function checkBackend(name: string, config: MinerConfig, backends: Promise<ReadonlyMap<string, InferenceBackend>>): DoctorCheck {
  return {
    name: `backend ${name}`,
    async run(signal) {
      const opened = await backends;
      const backend = opened.get(name);
      const tasks = Object.entries(config.tasks).filter(([, task]) => backendOf(task, opened) === backend);
      if (backend === undefined || tasks.length === 0) return ok("serves no task");
      const served = tasks.map(([id, task]) => {
        const definition = definitionOf(id, config);
        return { id, model: task.model ?? definition?.model ?? null, contextTokens: definition?.contextTokens ?? null };
      });
      const models = [...new Set(served.flatMap(({ model }) => model ?? []))];
      const health = await backend.checkHealth?.({ signal, models });
      if (health?.isHealthy === false) {
        return fail(health.detail ?? "it is not well", `Start the model server, and check backends.${name} and the tasks' models.`);
      }
      const away = isPooled(backend) ? backend.getMembers().filter(({ isUp }) => !isUp) : [];
      if (away.length > 0)
        return warn(health?.detail ?? "some of it is away", "Start what is away; the others have its requests meanwhile.");
      return (
        findShort(backend, served) ?? ok([health?.detail, `serves ${served.map(({ id }) => id).join(", ")}`].filter(Boolean).join("; "))
      );
    },
  };
}

type ServedTask = { readonly id: string; readonly model: string | null; readonly contextTokens: number | null };

/** A task whose longest requests the backend does not take. */
function findShort(backend: InferenceBackend, served: readonly ServedTask[]): Finding | null {
  for (const { id, model, contextTokens } of served) {
    const given = model === null ? null : (backend.contextTokens?.(model) ?? null);
    if (given === null || contextTokens === null || given >= contextTokens) continue;
    return fail(
      `${id} has prompts and answers of up to ${contextTokens} tokens, ${model} takes ${given}`,
      `Give the server a longer context (vLLM: --max-model-len ${contextTokens}): what does not fit counts as failed.`,
    );
  }
  return null;
}
