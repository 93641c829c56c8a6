import { getFamily } from "@vision/protocol";
import { createBackendCall } from "../backends/backend-call.js";
import type { WarmUpResult } from "./miner.js";
import type { ServedTask } from "./settings.js";

/** Asks every task's backend for one small answer, one task after the other. Tasks that only validators know are left out. */
export async function warmUpTasks(
  tasks: Iterable<ServedTask>,
  options: { readonly signal: AbortSignal; readonly monotonicMs: () => number },
): Promise<readonly WarmUpResult[]> {
  const results: WarmUpResult[] = [];
  for (const { id, backend, definition, model } of tasks) {
    if (definition === null) continue;
    const family = getFamily(definition.family);
    const startedMs = options.monotonicMs();
    const request = family.smallRequest(model ?? definition.model);
    const call = createBackendCall({ task: definition, request, isStream: family.isStreamable, signal: options.signal });
    let problem: string | null = null;
    try {
      for await (const _part of backend.run(call)) if (options.signal.aborted) break;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    results.push({ taskId: id, problem, durationMs: options.monotonicMs() - startedMs });
  }
  return results;
}
