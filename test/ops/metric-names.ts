import { createMetrics, type MetricDefinition } from "@vision/program";
import { metricDefinitions as minerMetrics } from "../../apps/miner/src/metrics/metric-definitions.js";
import {
  checkerMetricDefinitions as checkerMetrics,
  gatewayMetricDefinitions as gatewayMetrics,
  metricDefinitions as validatorMetrics,
} from "../../apps/validator/src/adapters/metrics/metric-definitions.js";

/** Every series name that the programs can show: what is defined, the parts of histograms, and what a Node.js process tells of itself. */
export async function knownSeries(): Promise<ReadonlySet<string>> {
  const { render } = createMetrics({});
  const ofProcess = [...(await render()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
  const definitions: readonly MetricDefinition[] = [
    ...[validatorMetrics, checkerMetrics, gatewayMetrics].flatMap((each) => Object.values<MetricDefinition>(each)),
    ...Object.values(minerMetrics),
  ];
  const own = definitions.flatMap(({ kind, name }) => (kind === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]));
  return new Set([...ofProcess, ...own, "up"]);
}

/** Names of series in text that holds queries. */
export function seriesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\b(?:vision|nodejs|process)_\w+/g) ?? [])];
}
