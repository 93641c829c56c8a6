import { createMetrics, type MetricsRegistry } from "@vision/program";
import type { Miner, MinerEvent } from "@vision/sdk";
import type { InferenceBackend } from "@vision/sdk/backends";
import type { Metagraph } from "@vision/sdk/chain";
import { isPooled } from "../backends/open-backends.js";
import { declaredTasks, type StatedCapacity } from "../capacity/declared-tasks.js";
import type { MinerConfig } from "../config/miner-config.js";
import { metricDefinitions } from "./metric-definitions.js";

/** What a running miner measures of itself. */
export type MinerMetrics = Pick<MetricsRegistry<typeof metricDefinitions>, "render" | "contentType"> & {
  /** Takes note of a request that ended. */
  observe(event: MinerEvent): void;
  /** Takes note of the subnet, each time that it was read. */
  noteMetagraph(metagraph: Metagraph): void;
  /** Has how the members of pooled backends stand read whenever the metrics are. */
  watchMembers(backends: ReadonlyMap<string, InferenceBackend>): void;
  /** Takes note of the capacity in force, when it has changed. */
  noteCapacity(capacity: StatedCapacity): void;
  /** Has what the miner is doing read whenever the metrics are. */
  watch(miner: Pick<Miner, "getInFlight" | "getHealth">): void;
};

/** Metrics of the miner of a hotkey. */
export function createMinerMetrics(
  { tasks, pools = {}, hotkey }: Pick<MinerConfig, "tasks"> & Partial<Pick<MinerConfig, "pools">> & { readonly hotkey: string },
  options: { readonly hasProcessMetrics?: boolean } = {},
): MinerMetrics {
  const { metrics, render, contentType } = createMetrics(metricDefinitions, options);
  let metagraph: Metagraph | null = null;
  const noteCapacity = (capacity: StatedCapacity) => {
    for (const { task, unitsPerHour, slots } of declaredTasks(capacity)) {
      metrics.declaredUnitsPerHour.set(unitsPerHour, { task });
      metrics.slots.set(slots, { task });
    }
  };
  noteCapacity({ tasks, pools });
  for (const task of Object.keys(tasks)) {
    // A counter that is not there yet cannot be told from one that nobody reads.
    metrics.requestsTotal.inc({ task, outcome: "ok" }, 0);
    metrics.workUnitsTotal.inc({ task }, 0);
  }
  const own = () => metagraph?.neurons.find((neuron) => neuron.hotkey === hotkey) ?? null;
  metrics.registered.measureAll(() => (metagraph === null ? [] : [{ value: own() === null ? 0 : 1, labels: {} }]));
  metrics.incentiveRatio.measureAll(() => {
    const neuron = own();
    return neuron === null ? [] : [{ value: neuron.incentiveFraction, labels: {} }];
  });
  const byTask = (values: Readonly<Record<string, number | boolean>>) =>
    Object.entries(values).map(([task, value]) => ({ value: Number(value), labels: { task } }));

  return {
    render,
    contentType,
    observe({ taskId: task, outcome, workUnits, durationMs }) {
      metrics.requestsTotal.inc({ task, outcome });
      if (outcome !== "ok") return;
      metrics.requestSeconds.observe(durationMs / 1_000, { task });
      metrics.workUnitsTotal.inc({ task }, workUnits);
    },
    noteMetagraph(read) {
      metagraph = read;
    },
    watchMembers(backends) {
      const read = () =>
        [...backends].flatMap(([backend, pooled]) =>
          isPooled(pooled) ? pooled.getMembers().map((member) => ({ member, labels: { backend, member: member.name } })) : [],
        );
      metrics.memberUp.measureAll(() => read().map(({ member, labels }) => ({ value: Number(member.isUp), labels })));
      metrics.memberInFlight.measureAll(() => read().map(({ member, labels }) => ({ value: member.inFlight, labels })));
      metrics.memberRequestsTotal.measureAll(() =>
        read().flatMap(({ member, labels }) =>
          Object.entries(member.requests).map(([outcome, value]) => ({ value, labels: { ...labels, outcome } })),
        ),
      );
    },
    noteCapacity,
    watch(miner) {
      metrics.inFlight.measureAll(() => byTask(miner.getInFlight()));
      metrics.backendUp.measureAll(() => byTask(miner.getHealth()));
    },
  };
}
