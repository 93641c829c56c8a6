import { defaultSampler, type SamplerName, type Task } from "@vision/protocol";
import type { Clock } from "../ports/index.js";

/** What a miner declared for a task: work units per hour, and how its engine draws. */
export type Declared = { readonly capacityPerHour: number; readonly sampler: SamplerName };

/** What miners declared last, for surveys in which they cannot be asked through our own fault. */
export type Declarations = {
  /** Work units per hour; 0 for a miner that declared none, was silent since, or declared it too long ago. */
  capacityPerHour(hotkey: string, taskId: string): number;
  /** The same, with the sampler that the miner named; the task's default where none is known. */
  declared(hotkey: string, task: Task): Declared;
  /** A miner's declaration, by task. */
  heard(hotkey: string, capacities: ReadonlyMap<string, Declared>): void;
  /** A miner that was asked fairly did not answer: what it declared before stands no more. */
  silent(hotkey: string): void;
  /** Forgets everybody else. */
  keepOnly(hotkeys: ReadonlySet<string>): void;
};

/** How long a declaration stands at least, and for so many periods. */
const FRESH_MS = 3 * 3_600_000;
const FRESH_PERIODS = 3;

/** Declarations in memory, their ages by elapsed time. */
export function createDeclarations(clock: Pick<Clock, "monotonicMs">, periodMs: number): Declarations {
  const freshMs = Math.max(FRESH_MS, FRESH_PERIODS * periodMs);
  const last = new Map<string, { readonly atMs: number; readonly capacities: ReadonlyMap<string, Declared> }>();
  const find = (hotkey: string, taskId: string): Declared | undefined => {
    const declared = last.get(hotkey);
    return declared === undefined || clock.monotonicMs() - declared.atMs > freshMs ? undefined : declared.capacities.get(taskId);
  };
  return {
    capacityPerHour: (hotkey, taskId) => find(hotkey, taskId)?.capacityPerHour ?? 0,
    declared: (hotkey, task) => find(hotkey, task.id) ?? { capacityPerHour: 0, sampler: defaultSampler(task) },
    heard: (hotkey, capacities) => last.set(hotkey, { atMs: clock.monotonicMs(), capacities }),
    silent: (hotkey) => last.delete(hotkey),
    keepOnly(hotkeys) {
      for (const hotkey of last.keys()) if (!hotkeys.has(hotkey)) last.delete(hotkey);
    },
  };
}
