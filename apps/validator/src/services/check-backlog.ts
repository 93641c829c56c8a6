import { enabledTasks, type TaskRegistry } from "@vision/protocol";
import type { CheckParams } from "@vision/scoring/probing";
import type { FoundSample } from "../domain/records/index.js";
import type { CheckStore, Clock, Logger, Reference, RoutingView, ValidatorMetrics } from "../ports/index.js";
import type { CheckSelector } from "./check-selector.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { Service } from "./supervise.js";

/** What the backlog works with. */
export type CheckBacklogDependencies = {
  /** ss58 address of the validator, and its program's version. */
  readonly self: { readonly validator: string; readonly version: string };
  readonly store: Pick<CheckStore, "countPendingChecksBySeries" | "getSamplesAfter" | "setCheckTerms">;
  readonly reference: Pick<Reference, "canCheck">;
  readonly routing: Pick<RoutingView, "registry">;
  readonly selector: CheckSelector;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ValidatorMetrics, "checksPending" | "taskUnchecked">;
  readonly onSample: (sample: FoundSample) => void;
};

/** The validator's side of the checks, whoever does them: tells the terms, counts what waits, and passes on what was found. */
export function createCheckBacklog({ idleMs }: Pick<CheckParams, "idleMs">, dependencies: CheckBacklogDependencies): Service {
  const { self, store, reference, routing, selector, guard, clock, logger, metrics, onSample } = dependencies;
  let told: TaskRegistry | null = null;
  /** Of which it is told that they cannot be checked. */
  const unchecked = new Set<string>();
  let sequence: number | null = null;

  async function setTerms(registry: TaskRegistry, signal: AbortSignal): Promise<void> {
    const tasks = Object.fromEntries(enabledTasks(registry).map((task) => [task.id, task]));
    await guard.untilUp("store", () => store.setCheckTerms({ ...self, tasks }), signal);
  }

  /** Without a check there is no quality, and without quality no pay. */
  function tellUnchecked(registry: TaskRegistry): void {
    for (const [task] of told ?? []) metrics.taskUnchecked.set(0, { task });
    const before = new Set(unchecked);
    unchecked.clear();
    for (const task of enabledTasks(registry)) {
      const isChecked = reference.canCheck(task);
      metrics.taskUnchecked.set(isChecked ? 0 : 1, { task: task.id });
      if (isChecked) continue;
      unchecked.add(task.id);
      if (!before.has(task.id)) logger.warn("No reference can check the answers of an enabled task, so it pays nobody", { task: task.id });
    }
  }

  async function countPending(signal: AbortSignal): Promise<void> {
    const pending = await guard.untilUp("store", () => store.countPendingChecksBySeries(), signal);
    selector.setPending(pending);
    metrics.checksPending.set(pending.reduce((sum, { count }) => sum + count, 0));
  }

  async function passOn(signal: AbortSignal): Promise<void> {
    const found = await guard.untilUp("store", () => store.getSamplesAfter(sequence), signal);
    sequence = found.sequence;
    found.samples.forEach(onSample);
  }

  return {
    name: "check backlog",
    async run(signal) {
      while (!signal.aborted) {
        const registry = routing.registry();
        if (registry !== told) {
          tellUnchecked(registry);
          told = registry;
          await setTerms(registry, signal);
        }
        await countPending(signal);
        await passOn(signal);
        await clock.sleep(idleMs, signal);
      }
    },
  };
}
