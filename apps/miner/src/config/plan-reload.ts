import { findDifferences } from "@vision/program";
import type { MinerConfig } from "./miner-config.js";

/** What becomes of settings that were read again. */
export type ReloadPlan = {
  /** The configuration to go on with. */
  readonly next: MinerConfig;
  /** Settings that change, as `tasks.chat-tiny.capacityPerHour`. */
  readonly changed: readonly string[];
  /** Settings that were read and stay as they were until the next start. */
  readonly left: readonly string[];
};

/**
 * Takes of a configuration that was read again what a running miner can change: the capacity and slots of its tasks, pools,
 * `capacitySharing`, `validators.allow` and `log.level`. A task that is not there any more is declared with nothing; one that is new, and
 * its part of a pool, waits for the next start.
 */
export function planReload(running: MinerConfig, read: MinerConfig): ReloadPlan {
  const { capacitySharing, log } = read;
  const validators = running.validators === undefined ? undefined : (read.validators ?? running.validators);
  const taken = { tasks: takeTasks(running.tasks, read.tasks), pools: takePools(read.pools, running.tasks), capacitySharing, log };
  const next: MinerConfig = { ...running, ...taken, ...(validators === undefined ? {} : { validators }) };
  return { next, changed: namesOf(running, next), left: namesOf(next, read) };
}

function takeTasks(running: MinerConfig["tasks"], read: MinerConfig["tasks"]): MinerConfig["tasks"] {
  const taken = Object.entries(running).map(([id, { capacityPerHour: _capacity, concurrency: _slots, ...rest }]) => {
    const { capacityPerHour, concurrency } = read[id] ?? { capacityPerHour: 0 };
    return [id, { ...rest, capacityPerHour, ...(concurrency === undefined ? {} : { concurrency }) }];
  });
  return Object.fromEntries(taken);
}

function takePools(read: MinerConfig["pools"], running: MinerConfig["tasks"]): MinerConfig["pools"] {
  const taken = Object.entries(read).flatMap(([name, pool]) => {
    const tasks = Object.entries(pool.tasks).filter(([id]) => Object.hasOwn(running, id));
    return tasks.length === 0 ? [] : [[name, { ...pool, tasks: Object.fromEntries(tasks) }]];
  });
  return Object.fromEntries(taken);
}

/** Names of what differs. Never a value: some are secret. */
const namesOf = (one: MinerConfig, other: MinerConfig): readonly string[] => findDifferences(one, other).map(({ setting }) => setting);
