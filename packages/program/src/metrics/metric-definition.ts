/** Name, meaning and labels of one metric. */
export type MetricDefinition = {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
};

/** A counter that only grows. */
export type Counter = { inc(labels?: Readonly<Record<string, string>>, value?: number): void };

/** One value of a gauge, or of a counter that is read, with its labels. */
export type GaugeValue = { readonly value: number; readonly labels: Readonly<Record<string, string>> };

/** A counter of what is counted here, or elsewhere. */
export type ReadableCounter = Counter & {
  /** Computes all of its values whenever it is read, for what somebody else counts; `inc` does nothing then. */
  measureAll(read: () => readonly GaugeValue[]): void;
};

/** A value that goes up and down. */
export type Gauge = {
  set(value: number, labels?: Readonly<Record<string, string>>): void;
  /** Computes the value whenever it is read, for what changes by the clock alone. It wins over values that are set. */
  measure(read: () => number, labels?: Readonly<Record<string, string>>): void;
  /** Computes all of its values whenever it is read: labels that are not among them any more are gone. */
  measureAll(read: () => readonly GaugeValue[]): void;
};

/** A distribution. */
export type Histogram = { observe(value: number, labels?: Readonly<Record<string, string>>): void };

type MetricOf<Kind extends MetricDefinition["kind"]> = { counter: Counter; gauge: Gauge; histogram: Histogram }[Kind];

/** The metrics of some definitions, by the same keys. */
export type Metrics<Definitions extends Readonly<Record<string, MetricDefinition>>> = {
  readonly [Key in keyof Definitions]: MetricOf<Definitions[Key]["kind"]>;
};

/** What is wrong with a definition's name by Prometheus' rules and ours; empty for a good one. */
export function findNameMistakes(key: string, { kind, name }: MetricDefinition, prefix: string): readonly string[] {
  const snake = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const unit = unitsNotBase.find((each) => name.endsWith(`_${each}`) || name.includes(`_${each}_`));
  return [
    ...(name === `${prefix}${snake}` ? [] : [`${name} is not ${prefix}${snake}, as its key has it`]),
    ...((kind === "counter") === name.endsWith("_total") ? [] : [`${name}: counters end in _total, and nothing else does`]),
    ...(unit === undefined ? [] : [`${name} is in ${unit}; use the base unit (seconds, bytes, ratio)`]),
    ...(kind !== "histogram" || /_(seconds|bytes|ratio)$/.test(name) ? [] : [`${name}: a histogram ends in its unit`]),
  ];
}

const unitsNotBase = ["milliseconds", "ms", "minutes", "hours", "days", "kilobytes", "megabytes", "percent", "fraction"];
