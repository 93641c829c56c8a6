import type { Counter } from "@vision/program";

/** Where a counter of another thread goes. */
export type BatchedCounterOptions = {
  /** The one label that it has. */
  readonly label: string;
  /** Given the label's value and what was added to it since it was told last. */
  readonly tell: (value: string, count: number) => void;
  /** Runs it some time later. */
  readonly schedule: (flush: () => void) => void;
};

/** A counter of another thread: adds up and tells now and then, so that a flood of what is counted here is none there. */
export function createBatchedCounter({ label, tell, schedule }: BatchedCounterOptions): Counter {
  const counts = new Map<string, number>();
  const flush = () => {
    const told = [...counts];
    counts.clear();
    for (const [value, count] of told) tell(value, count);
  };
  return {
    inc(labels = {}, count = 1) {
      const value = labels[label] ?? "";
      if (counts.size === 0) schedule(flush);
      counts.set(value, (counts.get(value) ?? 0) + count);
    },
  };
}
