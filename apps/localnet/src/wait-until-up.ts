import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "./processes.js";

/** How long programs may take to come up, on a slow machine and with a database to create. */
export const STARTUP_MS = 120_000;

const LOOK_MS = 100;

/** @throws Error with the end of the program's log when it has ended. */
export async function refuseWhenEnded(program: Program): Promise<void> {
  if (program.isRunning()) return;
  throw new Error(`The ${program.name} ended on its own. The end of its log:\n${await program.readLogEnd()}`);
}

/**
 * Looks again and again until no program is late any more.
 *
 * @throws Error with the end of a log when a late program has ended, or when one is late for {@link STARTUP_MS}; AbortError.
 */
export async function waitUntilUp(signal: AbortSignal, findLate: () => Promise<readonly Program[]>): Promise<void> {
  const deadlineMs = performance.now() + STARTUP_MS;
  for (;;) {
    const late = await findLate();
    const [first] = late;
    if (first === undefined) return;
    signal.throwIfAborted();
    for (const program of late) await refuseWhenEnded(program);
    if (performance.now() > deadlineMs) {
      const names = late.map(({ name }) => name).join(", ");
      throw new Error(`Not up after two minutes: ${names}. The end of the log of ${first.name}:\n${await first.readLogEnd()}`);
    }
    await sleep(LOOK_MS, undefined, { signal });
  }
}
