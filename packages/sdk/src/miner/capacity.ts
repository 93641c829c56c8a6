import {
  type CapacityResponse,
  capacityRequestSchema,
  compareProtocols,
  isCompatibleVersion,
  PROTOCOL_VERSION,
  parseOfferedTasks,
  type SamplerName,
  type Task,
} from "@vision/protocol";
import type { InferenceBackend } from "../backends/inference-backend.js";
import type { Logger } from "../runtime/logger.js";
import { type CapacitySharing, planCapacityShare } from "./capacity-share.js";
import type { MinerResponse } from "./miner.js";
import { parseJsonBody } from "./parse-json-body.js";
import { errorResponse, jsonResponse } from "./respond.js";
import { machineOf, type ServedTask } from "./settings.js";
import type { ValidatorDirectory } from "./validator-directory.js";
import type { KnownValidator, ValidatorRegistry } from "./validator-registry.js";
import { createWorkUnitBudget, type WorkUnitBudget } from "./work-unit-budget.js";

/** Who gets how much. */
export type CapacityBook = {
  /** Answers `POST /v1/capacity` and remembers what was told. */
  answer(validator: KnownValidator, body: Uint8Array, nowMs: number): MinerResponse;
  /** What the validator may use of a task: what it was told, or its share now if it never asked. */
  budgetOf(validator: KnownValidator, task: Task, served: ServedTask, nowMs: number): Pick<WorkUnitBudget, "reserve">;
};

/** What is declared to whom, and how it is divided. */
export type CapacityBookOptions = {
  readonly servedTasks: ReadonlyMap<string, ServedTask>;
  readonly registry: ValidatorRegistry;
  readonly validators: ValidatorDirectory;
  readonly getSharing: () => CapacitySharing;
  readonly burstFraction: number;
  /** Whether a task's backend has a chance at the moment. */
  readonly isHealthy: (backend: InferenceBackend) => boolean;
  readonly logger: Logger;
};

/** Capacity per validator: declared, remembered, and turned into a budget. */
export function createCapacityBook(options: CapacityBookOptions): CapacityBook {
  const { servedTasks, registry, validators, getSharing, burstFraction, logger } = options;

  const shareOf = (validator: KnownValidator, nowMs: number) =>
    planCapacityShare({
      sharing: getSharing(),
      stakeRao: validator.stakeRao,
      activeStakesRao: registry.activeStakesRao(nowMs),
      permittedStakeRao: validators.totalStakeRao(),
    });

  const setBudget = ({ validator, task, served }: Told, share: number, nowMs: number): WorkUnitBudget => {
    const key = machineOf(served);
    const { pool } = served;
    const capacityPerHour = (pool === null ? served.capacityPerHour : pool.fraction) * share;
    const budget = validator.budgets.get(key);
    if (budget !== undefined) {
      budget.setCapacity(capacityPerHour, nowMs);
      return budget;
    }
    const typicalUnits = pool === null ? task.typicalUnitsPerRequest : typicalHoursOf(pool.name, servedTasks, task);
    const created = createWorkUnitBudget({ capacityPerHour, burstFraction, typicalUnits }, nowMs);
    validator.budgets.set(key, created);
    return created;
  };

  /** The offered tasks that we serve; `null` where we do not mean the same thing by them. */
  const acceptTasks = (validator: KnownValidator, offered: readonly Task[]): ReadonlyMap<string, Task | null> => {
    const accepted = new Map<string, Task | null>();
    for (const task of offered) {
      const served = servedTasks.get(task.id);
      if (served === undefined || !task.isEnabled) continue;
      const differences =
        served.definition === null
          ? []
          : compareProtocols(
              { protocolVersion: PROTOCOL_VERSION, tasks: [served.definition] },
              { protocolVersion: PROTOCOL_VERSION, tasks: [task] },
            ).filter((difference) => difference.isBreaking);
      accepted.set(task.id, differences.length === 0 ? task : null);
      if (differences.length > 0)
        logger.warn("A validator means something else by a task; it is not served to it", { validator: validator.address, differences });
    }
    return accepted;
  };

  /** What is told of a task's sampler; `null` for a task without one, and where nobody knows. */
  const samplerOf = (validator: KnownValidator, task: Task, served: ServedTask): SamplerName | null => {
    if (task.check.kind !== "teacher-forcing") return null;
    const sampler = served.sampler ?? served.backend.sampler?.(served.model ?? task.model) ?? null;
    if (sampler !== null && !task.check.samplers.includes(sampler)) {
      const facts = { validator: validator.address, task: task.id, sampler, accepted: task.check.samplers };
      logger.warn("A task does not take answers of the engine's sampler, so the validator will ask for none", facts);
    }
    return sampler;
  };

  return {
    answer(validator, body, nowMs) {
      const json = parseJsonBody(body);
      const parsed = capacityRequestSchema.safeParse(json.ok ? json.value : undefined);
      if (!parsed.success) return errorResponse("invalid_request", json.ok ? "Not a capacity request." : json.reason);
      if (!isCompatibleVersion(parsed.data.protocolVersion)) {
        const theirs = parsed.data.protocolVersion;
        return errorResponse("incompatible_protocol", `This miner speaks protocol ${PROTOCOL_VERSION}, the validator ${theirs}.`);
      }
      validator.offeredTasks = acceptTasks(validator, parseOfferedTasks(parsed.data.tasks));
      const share = shareOf(validator, nowMs);
      const capacities: Record<string, number> = {};
      const samplers: Record<string, SamplerName> = {};
      for (const task of validator.offeredTasks.values()) {
        if (task === null) continue;
        const served = servedTasks.get(task.id);
        if (served === undefined) continue;
        // What can be used once the backend is back is not what can be promised while it is away.
        capacities[task.id] = options.isHealthy(served.backend) ? served.capacityPerHour * share : 0;
        setBudget({ validator, task, served }, share, nowMs);
        validator.toldTasks.set(task.id, served);
        const sampler = samplerOf(validator, task, served);
        if (sampler !== null) samplers[task.id] = sampler;
      }
      const response: CapacityResponse = { protocolVersion: PROTOCOL_VERSION, capacities, samplers };
      return jsonResponse(response);
    },

    budgetOf(validator, task, servedNow, nowMs) {
      // What was told is what the validator holds the miner to, whatever has been changed since.
      const served = validator.toldTasks.get(task.id) ?? servedNow;
      const known = validator.budgets.get(machineOf(served));
      const budget = known ?? setBudget({ validator, task, served }, shareOf(validator, nowMs), nowMs);
      return served.pool === null ? budget : inMachineHours(budget, served.pool.unitsPerMachineHour);
    },
  };
}

type Told = { readonly validator: KnownValidator; readonly task: Task; readonly served: ServedTask };

/** Hours of the machine that the longest typical request of its tasks takes, as far as they are known. */
function typicalHoursOf(pool: string, servedTasks: ReadonlyMap<string, ServedTask>, offered: Task): number {
  const hours = [...servedTasks.values()].flatMap(({ id, pool: own, definition }) => {
    const task = id === offered.id ? offered : definition;
    return own?.name === pool && task !== null ? [task.typicalUnitsPerRequest / own.unitsPerMachineHour] : [];
  });
  return Math.max(...hours);
}

/** A budget of hours of a machine, for a task of which the machine does so many units an hour. */
function inMachineHours(budget: WorkUnitBudget, unitsPerMachineHour: number): Pick<WorkUnitBudget, "reserve"> {
  return {
    reserve(units, nowMs) {
      const decision = budget.reserve(units / unitsPerMachineHour, nowMs);
      if (!decision.ok) return decision;
      return { ok: true, reservation: { settle: (usedUnits) => decision.reservation.settle(usedUnits / unitsPerMachineHour) } };
    },
  };
}
