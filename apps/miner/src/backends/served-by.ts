import type { MinerOptions } from "@vision/sdk";
import type { InferenceBackend } from "@vision/sdk/backends";
import type { MinerConfig } from "../config/miner-config.js";
import { backendOf } from "./open-backends.js";

/** What a configuration serves and by which of its backends, as the SDK's miner takes it. */
export function servedBy(
  config: Pick<MinerConfig, "tasks" | "pools" | "taskDefinitions" | "capacitySharing" | "backends">,
  backends: ReadonlyMap<string, InferenceBackend>,
): Required<Pick<MinerOptions, "tasks" | "pools" | "backends" | "taskDefinitions" | "capacitySharing">> {
  return {
    tasks: Object.fromEntries(Object.entries(config.tasks).map(([id, task]) => [id, minerTask(task)])),
    pools: Object.fromEntries(Object.entries(config.pools).map(([name, pool]) => [name, minerPool(pool)])),
    backends: backendsByTask(config, backends),
    taskDefinitions: config.taskDefinitions,
    capacitySharing: config.capacitySharing,
  };
}

function minerTask({ capacityPerHour, concurrency, model, sampler }: MinerConfig["tasks"][string]): MinerOptions["tasks"][string] {
  return {
    capacityPerHour,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(model === undefined ? {} : { model }),
    ...(sampler === undefined ? {} : { sampler }),
  };
}

function minerPool({ tasks, concurrency }: MinerConfig["pools"][string]): NonNullable<MinerOptions["pools"]>[string] {
  return { tasks, ...(concurrency === undefined ? {} : { concurrency }) };
}

function backendsByTask(
  config: Pick<MinerConfig, "tasks">,
  backends: ReadonlyMap<string, InferenceBackend>,
): Readonly<Record<string, InferenceBackend>> {
  return Object.fromEntries(
    Object.entries(config.tasks).flatMap(([id, task]) => {
      const backend = backendOf(task, backends);
      return backend === undefined ? [] : [[id, backend]];
    }),
  );
}
