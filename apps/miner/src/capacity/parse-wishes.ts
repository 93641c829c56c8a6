import type { CapacityChange, CapacityView } from "./capacity-api.js";

/** What a command line wants of the capacity, each `NAME=NUMBER`. */
export type CapacityWishes = {
  readonly units: readonly string[];
  readonly concurrency: readonly string[];
  readonly fractions: readonly string[];
};

/** A change for the API, null where nothing is wanted, or what cannot be understood. */
export type ParsedWishes =
  | { readonly ok: true; readonly change: CapacityChange | null }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Makes a change of wishes. Which of the names is a pool, and which pool a task is in, is as the miner says. */
export function parseWishes(wishes: CapacityWishes, capacity: CapacityView): ParsedWishes {
  const problems: string[] = [];
  const tasks: Record<string, { capacityPerHour?: number; concurrency?: number }> = {};
  const pools: Record<string, { tasks?: Record<string, number>; concurrency?: number }> = {};
  const read = (texts: readonly string[], take: (name: string, value: number) => string | null) => {
    for (const text of texts) {
      const [, name, number] = /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
      const problem = name === undefined ? `${text} is not NAME=NUMBER` : take(name, Number(number));
      if (problem !== null) problems.push(problem);
    }
  };
  read(wishes.units, (name, capacityPerHour) => {
    tasks[name] = { ...tasks[name], capacityPerHour };
    return null;
  });
  read(wishes.concurrency, (name, concurrency) => {
    const isTask = Object.hasOwn(capacity.tasks, name);
    if (Object.hasOwn(capacity.pools, name)) {
      if (isTask) return `${name} is a task and a pool; change its concurrency in the configuration`;
      pools[name] = { ...pools[name], concurrency };
    } else if (isTask) tasks[name] = { ...tasks[name], concurrency };
    else return `${name} is neither a task nor a pool of this miner`;
    return null;
  });
  read(wishes.fractions, (name, fraction) => {
    const pool = capacity.tasks[name]?.pool ?? null;
    if (pool === null) return `${name} is in no pool of this miner`;
    pools[pool] = { ...pools[pool], tasks: { ...pools[pool]?.tasks, [name]: fraction } };
    return null;
  });
  if (problems.length > 0) return { ok: false, problems };
  const change = { ...(Object.keys(tasks).length > 0 ? { tasks } : {}), ...(Object.keys(pools).length > 0 ? { pools } : {}) };
  return { ok: true, change: Object.keys(change).length > 0 ? change : null };
}
