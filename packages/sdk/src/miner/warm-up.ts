import { type AnswerTimeLimits, getFamily } from "@vision/protocol";
import type { Clock } from "../runtime/clock.js";
import { RunStopped, startBackendRun } from "./backend-run.js";
import type { WarmUpResult } from "./miner.js";
import type { ServedTask } from "./settings.js";

/** A model may take minutes to load: only the caller's signal ends a warm-up. */
const NO_LIMITS: AnswerTimeLimits = {
  firstContentMs: Number.POSITIVE_INFINITY,
  betweenContentMs: Number.POSITIVE_INFINITY,
  totalMs: Number.POSITIVE_INFINITY,
  target: { firstTokenMs: 1, unitsPerSecond: 1 },
};

/**
 * Asks every task's backend for one small answer, one task after the other. Tasks that only validators know are left out. Ends with the
 * signal, even if a backend ignores it.
 */
export async function warmUpTasks(
  tasks: Iterable<ServedTask>,
  options: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<readonly WarmUpResult[]> {
  const { signal, clock } = options;
  const results: WarmUpResult[] = [];
  for (const { id, backend, definition, model } of tasks) {
    if (definition === null) continue;
    const family = getFamily(definition.family);
    const startedMs = clock.monotonicMs();
    const call = { task: definition, request: family.smallRequest(model ?? definition.model), isStream: family.isStreamable };
    const run = startBackendRun({ backend, call, clientSignal: signal, limits: NO_LIMITS, clock, onStop: () => undefined });
    let problem: string | null = null;
    try {
      while ((await run.next()) !== null);
    } catch (error) {
      if (error instanceof RunStopped) problem = "it did not answer in time";
      else problem = error instanceof Error ? error.message : String(error);
    }
    results.push({ taskId: id, problem, durationMs: clock.monotonicMs() - startedMs });
  }
  return results;
}
