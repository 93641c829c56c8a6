import type { GaugeValue } from "@vision/program";
import type { ValidatorMetrics } from "../ports/index.js";

/** Metrics that remember the last value of every gauge and the sum of every counter, by name and labels, for tests. */
export type RecordingMetrics = ValidatorMetrics & { readonly values: ReadonlyMap<string, number> };

/** Metrics in memory. Keys of `values`: the metric's name, then its labels as JSON if it has any, e.g. `dependencyUp {"dependency":"store"}`. */
export function createRecordingMetrics(): RecordingMetrics {
  const values = new Map<string, number>();
  const measured = new Map<string, () => number>();
  const allMeasured: (() => readonly (readonly [string, number])[])[] = [];
  const keyOf = (name: string, labels?: Readonly<Record<string, string>>) =>
    labels === undefined ? name : `${name} ${JSON.stringify(labels)}`;
  const counter = (name: string) => ({
    inc: (labels?: Readonly<Record<string, string>>, value = 1) => {
      const key = keyOf(name, labels);
      values.set(key, (values.get(key) ?? 0) + value);
    },
  });
  const gauge = (name: string) => ({
    set: (value: number, labels?: Readonly<Record<string, string>>) => {
      values.set(keyOf(name, labels), value);
    },
    measure: (read: () => number, labels?: Readonly<Record<string, string>>) => {
      measured.set(keyOf(name, labels), read);
    },
    measureAll: (read: () => readonly GaugeValue[]) => {
      allMeasured.push(() => read().map(({ value, labels }) => [keyOf(name, Object.keys(labels).length > 0 ? labels : undefined), value]));
    },
  });
  const histogram = (name: string) => ({
    observe: (_value: number, labels?: Readonly<Record<string, string>>) => counter(name).inc(labels),
  });
  return {
    get values() {
      return new Map([...values, ...[...measured].map(([key, read]) => [key, read()] as const), ...allMeasured.flatMap((read) => read())]);
    },
    requestsTotal: counter("requestsTotal"),
    firstTokenSeconds: histogram("firstTokenSeconds"),
    probesUnsentTotal: counter("probesUnsentTotal"),
    checksTotal: counter("checksTotal"),
    checksSkippedTotal: counter("checksSkippedTotal"),
    checksPending: gauge("checksPending"),
    checkSeconds: histogram("checkSeconds"),
    referenceRequestsTotal: counter("referenceRequestsTotal"),
    referenceSeconds: histogram("referenceSeconds"),
    referenceUp: gauge("referenceUp"),
    referenceDisagreementsTotal: counter("referenceDisagreementsTotal"),
    dependencyUp: gauge("dependencyUp"),
    ledgerProcesses: gauge("ledgerProcesses"),
    resultsBuffered: gauge("resultsBuffered"),
    weightsSetTotal: counter("weightsSetTotal"),
    weightsFailedTotal: counter("weightsFailedTotal"),
    lastWeightsBlock: gauge("lastWeightsBlock"),
    currentPeriod: gauge("currentPeriod"),
    minersKnown: gauge("minersKnown"),
    taskMiners: gauge("taskMiners"),
    scoredQualityRatio: gauge("scoredQualityRatio"),
    scoredCreditRatio: gauge("scoredCreditRatio"),
    scoredWeightRatio: gauge("scoredWeightRatio"),
    gatewayConnectionsRefusedTotal: counter("gatewayConnectionsRefusedTotal"),
    registered: gauge("registered"),
    validatorPermit: gauge("validatorPermit"),
    stakeTao: gauge("stakeTao"),
    chainBlock: gauge("chainBlock"),
    chainHeadAgeSeconds: gauge("chainHeadAgeSeconds"),
    diskFreeBytes: gauge("diskFreeBytes"),
    taskWeightRatio: gauge("taskWeightRatio"),
    taskUnchecked: gauge("taskUnchecked"),
    weightsSilenceBlocks: gauge("weightsSilenceBlocks"),
    weightsLate: gauge("weightsLate"),
    weightsRevealsTotal: counter("weightsRevealsTotal"),
    gatewayRequestsTotal: counter("gatewayRequestsTotal"),
    gatewaySeconds: histogram("gatewaySeconds"),
    gatewayHedgesTotal: counter("gatewayHedgesTotal"),
    gatewayContinuationsTotal: counter("gatewayContinuationsTotal"),
    standstillSecondsTotal: counter("standstillSecondsTotal"),
    threadRestartsTotal: counter("threadRestartsTotal"),
  };
}
