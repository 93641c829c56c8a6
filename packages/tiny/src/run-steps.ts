import { setImmediate as nextTurn } from "node:timers/promises";

/** Work that yields where it can be interrupted, all at once. Returns its result. */
export function runSteps<Result>(steps: Generator<void, Result, void>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same for a thread that others wait for: gives way after every step. */
export async function runStepsInTurns<Result>(steps: Generator<void, Result, void>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}
