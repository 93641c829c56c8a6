/** One miner and task in a period's plan. */
export type PlannedProbe = {
  readonly hotkey: string;
  readonly taskId: string;
  /** As declared, after parsing and cutting to the task's maximum, work units per hour. */
  readonly declaredCapacityPerHour: number;
  /** Share of the capacity that this period tries, 0 to 1. */
  readonly triedFraction: number;
  /** Work units that synthetic and organic requests together are to reach. */
  readonly plannedUnits: number;
  readonly plannedRequests: number;
};
