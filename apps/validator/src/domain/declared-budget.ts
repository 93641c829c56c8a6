import { capacityBurstUnits, type Task, VALIDATOR_BURST_HOURS } from "@vision/protocol";
import { type PlannedProbe, unitsPerPeriod } from "@vision/scoring/probing";
import type { Pace } from "./pace.js";

/** What a miner declared at a task, as a ledger counts it. */
export type LedgerBudget = {
  readonly hotkey: string;
  readonly taskId: string;
  /** Work units of the whole period. */
  readonly units: number;
  /** How fast it may be used. Left out, all of it may be used at once. */
  readonly pace?: Pace;
  /** Work units of the period that were used already, 0 if left out. They are free no more, and are not saved up. */
  readonly usedUnits?: number;
};

/**
 * What a declared capacity allows in a period of that length, milliseconds: its volume, at its rate. A period of minutes or seconds does not
 * make smaller what is saved up: probes alone would use up its volume, and users be refused by miners with hours of work to spare.
 */
export function declaredBudget(
  { hotkey, taskId, declaredCapacityPerHour }: Pick<PlannedProbe, "hotkey" | "taskId" | "declaredCapacityPerHour">,
  task: Task | undefined,
  durationMs: number,
): LedgerBudget {
  const burstUnits = capacityBurstUnits(declaredCapacityPerHour, task?.typicalUnitsPerRequest ?? 0, VALIDATOR_BURST_HOURS);
  const pace = { unitsPerHour: declaredCapacityPerHour, burstUnits };
  const units = Math.max(unitsPerPeriod(declaredCapacityPerHour, durationMs), declaredCapacityPerHour * VALIDATOR_BURST_HOURS);
  return { hotkey, taskId, units, pace };
}
