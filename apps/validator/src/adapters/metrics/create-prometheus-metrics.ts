import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ValidatorMetrics } from "../../ports/index.js";
import { type MetricDefinition, metricDefinitions } from "./metric-definitions.js";

/** The validator's metrics with what a scraper reads. */
export type PrometheusMetrics = {
  readonly metrics: ValidatorMetrics;
  /** Text in Prometheus' exposition format. */
  render(): Promise<string>;
  readonly contentType: string;
};

/** Metrics in a registry of their own, so that two validators in one process do not mix. */
export function createPrometheusMetrics(options: { readonly hasProcessMetrics?: boolean } = {}): PrometheusMetrics {
  const registry = new Registry();
  if (options.hasProcessMetrics ?? true) collectDefaultMetrics({ register: registry });

  const base = ({ name, help, labels }: MetricDefinition) => ({ name, help, labelNames: [...labels], registers: [registry] });
  const counter = (definition: MetricDefinition) => {
    const metric = new Counter(base(definition));
    return { inc: (labels: Readonly<Record<string, string>> = {}, value = 1) => metric.inc(labels, value) };
  };
  const gauge = (definition: MetricDefinition) => {
    const measured: (() => void)[] = [];
    const metric = new Gauge({
      ...base(definition),
      collect: () => {
        for (const measure of measured) measure();
      },
    });
    return {
      set: (value: number, labels: Readonly<Record<string, string>> = {}) => metric.set(labels, value),
      measure: (read: () => number, labels: Readonly<Record<string, string>> = {}) => {
        measured.push(() => metric.set(labels, read()));
      },
    };
  };
  const histogram = (definition: MetricDefinition) => {
    const metric = new Histogram({
      ...base(definition),
      ...(definition.buckets === undefined ? {} : { buckets: [...definition.buckets] }),
    });
    return { observe: (value: number, labels: Readonly<Record<string, string>> = {}) => metric.observe(labels, value) };
  };

  const define = metricDefinitions;
  return {
    metrics: {
      requestsTotal: counter(define.requestsTotal),
      firstTokenSeconds: histogram(define.firstTokenSeconds),
      probesUnsentTotal: counter(define.probesUnsentTotal),
      checksTotal: counter(define.checksTotal),
      checksSkippedTotal: counter(define.checksSkippedTotal),
      checksPending: gauge(define.checksPending),
      checkSeconds: histogram(define.checkSeconds),
      dependencyUp: gauge(define.dependencyUp),
      resultsBuffered: gauge(define.resultsBuffered),
      weightsSetTotal: counter(define.weightsSetTotal),
      weightsFailedTotal: counter(define.weightsFailedTotal),
      lastWeightsBlock: gauge(define.lastWeightsBlock),
      currentPeriod: gauge(define.currentPeriod),
      minersKnown: gauge(define.minersKnown),
      taskWeightFraction: gauge(define.taskWeightFraction),
      taskUnchecked: gauge(define.taskUnchecked),
      weightsSilenceBlocks: gauge(define.weightsSilenceBlocks),
      weightsLate: gauge(define.weightsLate),
      weightsRevealsTotal: counter(define.weightsRevealsTotal),
      gatewayRequestsTotal: counter(define.gatewayRequestsTotal),
      gatewaySeconds: histogram(define.gatewaySeconds),
      gatewayHedgesTotal: counter(define.gatewayHedgesTotal),
      standstillSecondsTotal: counter(define.standstillSecondsTotal),
      threadRestartsTotal: counter(define.threadRestartsTotal),
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
