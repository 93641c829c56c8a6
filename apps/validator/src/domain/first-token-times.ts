/** Times to the first token of a task's recent requests, whichever miner answered. */
export type FirstTokenTimes = {
  note(firstTokenMs: number): void;
  /** How long a first token may take before it is late, milliseconds: nineteen of twenty took no longer. Null while too little is known. */
  budgetMs(): number | null;
};

const KEPT = 256;
const FEWEST = 20;
const WITHIN_BUDGET = 0.95;
/** Below, what the network and our own machine add is most of it. */
const SHORTEST_BUDGET_MS = 50;

/** None yet. */
export function createFirstTokenTimes(): FirstTokenTimes {
  const times: number[] = [];
  let next = 0;
  let budget: number | null = null;
  return {
    note(firstTokenMs) {
      times[next] = firstTokenMs;
      next = (next + 1) % KEPT;
      budget = null;
    },
    budgetMs() {
      if (times.length < FEWEST) return null;
      if (budget === null) {
        const sorted = [...times].sort((a, b) => a - b);
        budget = Math.max(SHORTEST_BUDGET_MS, sorted[Math.ceil(sorted.length * WITHIN_BUDGET) - 1] ?? SHORTEST_BUDGET_MS);
      }
      return budget;
    },
  };
}
