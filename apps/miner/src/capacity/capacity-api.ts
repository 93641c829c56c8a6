import type { Miner, MinerCapacity } from "@vision/sdk";
import { z } from "zod";
import { declaredTasks } from "./declared-tasks.js";

const slots = z.int().min(1).max(100_000);
const unitsPerHour = z.number().min(0).max(1e12);
const sharing = z.enum(["among-active", "among-permitted", "none"]);

/** What a change of the capacity may say; what it leaves out stays. */
export const capacityChangeSchema = z.strictObject({
  tasks: z.record(z.string(), z.strictObject({ capacityPerHour: unitsPerHour.optional(), concurrency: slots.optional() })).optional(),
  pools: z
    .record(z.string(), z.strictObject({ tasks: z.record(z.string(), z.number().gt(0).max(1)).optional(), concurrency: slots.optional() }))
    .optional(),
  capacitySharing: sharing.optional(),
});

/** A change of the capacity. */
export type CapacityChange = z.output<typeof capacityChangeSchema>;

/** The capacity in force, and what is done with it. */
export const capacityViewSchema = z.object({
  tasks: z.record(
    z.string(),
    z.object({
      /** Units per hour; of a task in a pool, of the whole machine. */
      capacityPerHour: unitsPerHour,
      /** What is declared to all validators together, units per hour. */
      declaredUnitsPerHour: unitsPerHour,
      pool: z.string().nullable(),
      concurrency: slots,
      inFlight: z.int().min(0),
      isHealthy: z.boolean(),
    }),
  ),
  pools: z.record(z.string(), z.object({ tasks: z.record(z.string(), z.number()), concurrency: slots.optional() })),
  capacitySharing: sharing,
});

/** The capacity in force, and what is done with it. */
export type CapacityView = z.output<typeof capacityViewSchema>;

/** What the API tells of a miner. */
export function viewCapacity(miner: Pick<Miner, "getCapacity" | "getInFlight" | "getHealth">): CapacityView {
  const capacity = miner.getCapacity();
  const inFlight = miner.getInFlight();
  const health = miner.getHealth();
  const tasks = declaredTasks(capacity).map(({ task, pool, unitsPerHour: declaredUnitsPerHour, slots: concurrency }) => {
    const capacityPerHour = capacity.tasks[task]?.capacityPerHour ?? 0;
    const doing = { inFlight: inFlight[task] ?? 0, isHealthy: health[task] ?? false };
    return [task, { capacityPerHour, declaredUnitsPerHour, pool, concurrency, ...doing }];
  });
  return { tasks: Object.fromEntries(tasks), pools: { ...capacity.pools }, capacitySharing: capacity.capacitySharing };
}

/** The capacity with a change made. Whether it is possible, the miner says. */
export function mergeCapacity(capacity: MinerCapacity, { tasks = {}, pools = {}, capacitySharing }: CapacityChange): MinerCapacity {
  const changedTasks = Object.entries(tasks).map(([id, change]) => [id, { capacityPerHour: 0, ...capacity.tasks[id], ...given(change) }]);
  const changedPools = Object.entries(pools).map(([name, { tasks: fractions = {}, ...change }]) => {
    const known = capacity.pools[name];
    return [name, { ...known, ...given(change), tasks: { ...known?.tasks, ...fractions } }];
  });
  return {
    tasks: { ...capacity.tasks, ...Object.fromEntries(changedTasks) },
    pools: { ...capacity.pools, ...Object.fromEntries(changedPools) },
    capacitySharing: capacitySharing ?? capacity.capacitySharing,
  };
}

function given<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}
