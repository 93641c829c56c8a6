import type { Clock } from "../ports/index.js";

/** Knows when each miner last declared its capacities. */
export type DeclarationAge = {
  noteHeard(hotkey: string): void;
  /** Whether what a miner declared last still stands for one that could not be asked since through our own fault. */
  isFresh(hotkey: string): boolean;
  /** Forgets everybody else. */
  keepOnly(hotkeys: ReadonlySet<string>): void;
};

/** How long a declaration stands at least, and for so many periods. */
const FRESH_MS = 3 * 3_600_000;
const FRESH_PERIODS = 3;

/** Ages by elapsed time. Whom an earlier process had heard counts as heard when this one started. */
export function createDeclarationAge(clock: Pick<Clock, "monotonicMs">, periodMs: number): DeclarationAge {
  const startedAtMs = clock.monotonicMs();
  const heardAtMs = new Map<string, number>();
  return {
    noteHeard: (hotkey) => heardAtMs.set(hotkey, clock.monotonicMs()),
    isFresh: (hotkey) => clock.monotonicMs() - (heardAtMs.get(hotkey) ?? startedAtMs) <= Math.max(FRESH_MS, FRESH_PERIODS * periodMs),
    keepOnly(hotkeys) {
      for (const hotkey of heardAtMs.keys()) if (!hotkeys.has(hotkey)) heardAtMs.delete(hotkey);
    },
  };
}
