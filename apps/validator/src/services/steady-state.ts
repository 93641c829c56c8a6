import type { Clock } from "../ports/index.js";

/** A state whose changes are told to people: one line for a real change, not one for every flicker. */
export type SteadyState<Value> = {
  /** What is the case now; to be called again and again, also while nothing changes. */
  note(value: Value): void;
};

/** How changes are told. */
export type SteadyStateOptions<Value> = {
  /** What nobody has to be told. */
  readonly initial: Value;
  /** A change that comes sooner than this after the last one that was told must last as long to be told, milliseconds. */
  readonly steadyMs: number;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** `changes` counts those since the last one that was told, this one included: 1 unless it flickered. */
  readonly tell: (value: Value, changes: number) => void;
};

/** A state that tells its first change at once, and a flicker at most once in `steadyMs`. */
export function createSteadyState<Value>({ initial, steadyMs, clock, tell }: SteadyStateOptions<Value>): SteadyState<Value> {
  let current = initial;
  let currentSinceMs = Number.NEGATIVE_INFINITY;
  let told = initial;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let changes = 0;
  return {
    note(value) {
      const nowMs = clock.monotonicMs();
      if (value !== current) {
        current = value;
        currentSinceMs = nowMs;
        changes += 1;
      }
      if (current === told || (nowMs - toldAtMs < steadyMs && nowMs - currentSinceMs < steadyMs)) return;
      told = current;
      toldAtMs = nowMs;
      tell(current, changes);
      changes = 0;
    },
  };
}
