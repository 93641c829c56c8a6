import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { GaugeValue, MetricDefinition, Metrics, ReadableCounter } from "./metric-definition.js";

/** A program's metrics with what a scraper reads. */
export type MetricsRegistry<Definitions extends Readonly<Record<string, MetricDefinition>>> = {
  readonly metrics: Metrics<Definitions> & CountersOf<Definitions>;
  /** Text in Prometheus' exposition format. */
  render(): Promise<string>;
  readonly contentType: string;
};

type CountersOf<Definitions extends Readonly<Record<string, MetricDefinition>>> = {
  readonly [Key in keyof Definitions as Definitions[Key]["kind"] extends "counter" ? Key : never]: ReadableCounter;
};

/** Metrics in a registry of their own, so that two programs in one process do not mix. */
export function createMetrics<Definitions extends Readonly<Record<string, MetricDefinition>>>(
  definitions: Definitions,
  options: { readonly hasProcessMetrics?: boolean } = {},
): MetricsRegistry<Definitions> {
  const registry = new Registry();
  if (options.hasProcessMetrics ?? true) collectDefaultMetrics({ register: registry });
  const make = (definition: MetricDefinition) => {
    switch (definition.kind) {
      case "counter":
        return createCounter(definition, registry);
      case "gauge":
        return createGauge(definition, registry);
      case "histogram":
        return createHistogram(definition, registry);
    }
  };
  const metrics = Object.fromEntries(Object.entries(definitions).map(([key, definition]) => [key, make(definition)]));
  // Each key got the metric of its definition's kind, which a mapped type cannot be told.
  return {
    metrics: metrics as Metrics<Definitions> & CountersOf<Definitions>,
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type Labels = Readonly<Record<string, string>>;

function base({ name, help, labels }: MetricDefinition, registry: Registry) {
  return { name, help, labelNames: [...labels], registers: [registry] };
}

function createCounter(definition: MetricDefinition, registry: Registry) {
  const measured: (() => readonly GaugeValue[])[] = [];
  const metric = new Counter({
    ...base(definition, registry),
    collect: () => {
      if (measured.length > 0) metric.reset();
      for (const { value, labels } of measured.flatMap((read) => read())) metric.inc(labels, value);
    },
  });
  return {
    inc: (labels: Labels = {}, value = 1) => metric.inc(labels, value),
    measureAll: (read: () => readonly GaugeValue[]) => void measured.push(read),
  };
}

function createGauge(definition: MetricDefinition, registry: Registry) {
  const measured: (() => void)[] = [];
  const metric = new Gauge({
    ...base(definition, registry),
    collect: () => {
      for (const measure of measured) measure();
    },
  });
  return {
    set: (value: number, labels: Labels = {}) => metric.set(labels, value),
    measure: (read: () => number, labels: Labels = {}) => {
      measured.push(() => metric.set(labels, read()));
    },
    measureAll: (read: () => readonly GaugeValue[]) => {
      measured.push(() => {
        metric.reset();
        // One without labels is 0 from the start, and after a reset.
        if (definition.labels.length === 0) metric.remove();
        for (const { value, labels } of read()) metric.set(labels, value);
      });
    },
  };
}

function createHistogram(definition: MetricDefinition, registry: Registry) {
  const { buckets } = definition;
  const metric = new Histogram({ ...base(definition, registry), ...(buckets === undefined ? {} : { buckets: [...buckets] }) });
  return { observe: (value: number, labels: Labels = {}) => metric.observe(labels, value) };
}
