import type { CapacitySharing } from "./capacity-share.js";

/** Tasks that run on the same machine. */
export type MinerPoolOptions = {
  /** How much of the machine each task has, by task id: fractions above 0 that add up to 1 at most. */
  readonly tasks: Readonly<Record<string, number>>;
  /** Requests at the same time over all of these tasks and all validators. Default 8. */
  readonly concurrency?: number;
};

/** A machine that a task shares with others. */
export type ServedPool = {
  readonly name: string;
  /** How much of the machine all of its tasks have together, 0 to 1. */
  readonly fraction: number;
  /** Work units of this very task in an hour of the whole machine. */
  readonly unitsPerMachineHour: number;
};

/** Something wrong with pools, and where. */
export type PoolMistake = { readonly path: readonly string[]; readonly message: string };

type SeenTask = { readonly capacityPerHour?: unknown; readonly concurrency?: unknown };
type SeenPool = { readonly tasks?: Readonly<Record<string, number | undefined>> | undefined };

/** What pools have to go together with; also where something else about it is wrong. */
export type PooledSettings = {
  readonly tasks?: Readonly<Record<string, SeenTask | undefined>> | undefined;
  readonly pools?: Readonly<Record<string, SeenPool | undefined>> | undefined;
  readonly capacitySharing?: CapacitySharing | undefined;
};

// Thirds, sevenths and tenths add up to a little more than 1 in binary.
const ROUNDING = 1e-9;

/** Every mistake between pools and the other options of a miner: a machine has one whole, and every task is on one machine at most. */
export function findPoolMistakes({ tasks = {}, pools = {}, capacitySharing }: PooledSettings): readonly PoolMistake[] {
  const mistakes: PoolMistake[] = [];
  const poolByTask = new Map<string, string>();
  for (const [name, pool] of Object.entries(pools)) {
    const fractions = Object.entries(pool?.tasks ?? {});
    for (const [id] of fractions) {
      const path = ["pools", name, "tasks", id];
      const task = Object.hasOwn(tasks, id) ? tasks[id] : undefined;
      const other = poolByTask.get(id);
      if (other !== undefined) mistakes.push({ path, message: `is in pool ${other} already; a task is on one machine` });
      else if (task === undefined) mistakes.push({ path, message: "there is no such task in tasks" });
      else if (task.capacityPerHour === 0)
        mistakes.push({ path, message: `its capacityPerHour must be what the whole machine does, not 0` });
      if (task?.concurrency !== undefined) {
        const message = `belongs to the machine that tasks share; set pools.${name}.concurrency instead`;
        mistakes.push({ path: ["tasks", id, "concurrency"], message });
      }
      poolByTask.set(id, name);
    }
    const total = fractions.reduce((sum, [, fraction = 0]) => sum + fraction, 0);
    if (total > 1 + ROUNDING) {
      const message = `its fractions add up to ${Number(total.toFixed(6))}; they are parts of one machine, so 1 at most`;
      mistakes.push({ path: ["pools", name, "tasks"], message });
    }
  }
  if (poolByTask.size > 0 && capacitySharing === "none") {
    const message = "would declare the machines of pools to every validator in full; choose among-active or among-permitted";
    mistakes.push({ path: ["capacitySharing"], message });
  }
  return mistakes;
}
