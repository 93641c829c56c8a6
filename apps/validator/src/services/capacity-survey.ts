import { type CapacityRequest, enabledTasks, PROTOCOL_VERSION, type TaskRegistry } from "@vision/protocol";
import type { CapacitiesResult, MinerTarget } from "@vision/sdk/client";
import type { DeclaredCapacity } from "../domain/plan-probes.js";
import type { ProbingParams } from "../domain/probing-params.js";
import type { Clock, Logger } from "../ports/index.js";
import { runBounded } from "./run-bounded.js";

/** Asks one miner. May reject: that is taken for a failure of ours. */
export type AskCapacities = (target: MinerTarget, request: CapacityRequest, signal: AbortSignal) => Promise<CapacitiesResult>;

/** What a survey needs. */
export type CapacitySurveyInput = {
  readonly targets: readonly MinerTarget[];
  readonly registry: TaskRegistry;
  readonly params: ProbingParams;
  /** Capacities of the last period, for miners that could not be asked through our own fault. */
  readonly previousCapacity: (hotkey: string, taskId: string) => number;
  readonly signal: AbortSignal;
};

/** A declared capacity and where its miner is. */
export type SurveyedCapacity = DeclaredCapacity & { readonly target: MinerTarget };

/**
 * The capacities of all miners, asked at the same time within bounds, each on its own: whatever one of them sends or does touches no other.
 * A miner that does not answer has none; one that could not be asked through our own fault keeps what it declared last.
 */
export async function surveyCapacities(
  input: CapacitySurveyInput,
  dependencies: { readonly ask: AskCapacities; readonly clock: Clock; readonly logger: Logger },
): Promise<readonly SurveyedCapacity[]> {
  const { targets, registry, params, previousCapacity, signal } = input;
  const { ask, clock, logger } = dependencies;
  const tasks = enabledTasks(registry);
  const request: CapacityRequest = { protocolVersion: PROTOCOL_VERSION, periodMs: params.periodMs, tasks };

  const askOne = async (target: MinerTarget): Promise<readonly SurveyedCapacity[]> => {
    const answer = await withDeadline(target, request);
    if (!answer.ok) {
      logger.debug("A miner could not be asked for its capacities", {
        hotkey: target.hotkey,
        blame: answer.blame,
        reason: answer.reason,
      });
      if (answer.blame !== "validator") return [];
      return tasks.map((task) => ({
        target,
        hotkey: target.hotkey,
        taskId: task.id,
        capacityPerHour: previousCapacity(target.hotkey, task.id),
      }));
    }
    return tasks.map((task) => {
      const capacity = answer.capacities.get(task.id);
      if (capacity?.problem) {
        logger.debug("A miner declared a capacity that cannot be used", {
          hotkey: target.hotkey,
          task: task.id,
          problem: capacity.problem,
        });
      }
      return { target, hotkey: target.hotkey, taskId: task.id, capacityPerHour: capacity?.capacityPerHour ?? 0 };
    });
  };

  async function withDeadline(target: MinerTarget, body: CapacityRequest): Promise<CapacitiesResult> {
    const stop = new AbortController();
    const timeout: Promise<CapacitiesResult> = clock
      .sleep(params.capacityTimeoutMs, AbortSignal.any([signal, stop.signal]))
      .then(() => ({ ok: false, blame: "miner", reason: "timeout", status: null }));
    timeout.catch(() => undefined);
    try {
      return await Promise.race([ask(target, body, AbortSignal.any([signal, stop.signal])), timeout]);
    } catch (error) {
      signal.throwIfAborted();
      return { ok: false, blame: "validator", reason: error instanceof Error ? error.message : String(error), status: null };
    } finally {
      stop.abort();
    }
  }

  const answers = await runBounded(targets, params.capacityConcurrency, askOne);
  signal.throwIfAborted();
  return answers
    .flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    .filter(({ capacityPerHour }) => Number.isFinite(capacityPerHour) && capacityPerHour > 0);
}
