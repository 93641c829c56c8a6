import { invalidOptions } from "../runtime/parse-options.js";
import type { MinerCapacity, MinerOptions } from "./miner.js";

type CapacityOptions = Pick<MinerOptions, "pools" | "capacitySharing"> & { readonly tasks: MinerCapacity["tasks"] };

/** The capacity that options state, with what holds where they say nothing. */
export function capacityOf({ tasks, pools = {}, capacitySharing = "among-active" }: CapacityOptions): MinerCapacity {
  const stated = Object.entries(tasks).map(([id, { capacityPerHour, concurrency }]) => [
    id,
    { capacityPerHour, ...(concurrency === undefined ? {} : { concurrency }) },
  ]);
  return { tasks: Object.fromEntries(stated), pools, capacitySharing };
}

/**
 * The options with another capacity; the rest of a task stays as it was.
 *
 * @throws VisionError `SDK_INVALID_OPTIONS` where it is not for the same tasks.
 */
export function withCapacity(options: MinerOptions, { tasks, pools, capacitySharing }: MinerCapacity): MinerOptions {
  const known = Object.keys(options.tasks);
  const mistakes = [
    ...Object.keys(tasks)
      .filter((id) => !Object.hasOwn(options.tasks, id))
      .map((id) => `tasks.${id}: is not served by this miner; serve it from the next start`),
    ...known.filter((id) => !Object.hasOwn(tasks, id)).map((id) => `tasks.${id}: is missing; set its capacityPerHour to 0 to withdraw it`),
  ];
  if (mistakes.length > 0) throw invalidOptions("changeCapacity", mistakes);
  const changed = known.map((id) => {
    const { capacityPerHour: _capacity, concurrency: _concurrency, ...rest } = options.tasks[id] ?? {};
    return [id, { ...rest, ...tasks[id] }];
  });
  return { ...options, tasks: Object.fromEntries(changed), pools, capacitySharing };
}
