import type { Clock, Logger } from "../ports/index.js";
import { untilAborted } from "./until-aborted.js";

/** A loop that runs until its signal aborts. */
export type Service = { readonly name: string; run(signal: AbortSignal): Promise<void> };

/** What a supervised loop needs. */
export type SuperviseDependencies = { readonly clock: Clock; readonly logger: Logger };

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** Longest that a service may take to stop: what it waits for then, a database that hangs, must not hold what is to be kept for the next start. */
const STOP_LIMIT_MS = 5_000;

/**
 * Runs a service until the signal aborts. A failure is logged and the service starts again, after a wait that grows while it keeps
 * failing; it never reaches the other services. Resolves after the abort, a few seconds later where the service does not stop; never rejects.
 */
export async function supervise(service: Service, signal: AbortSignal, { clock, logger }: SuperviseDependencies): Promise<void> {
  let delayMs = FIRST_DELAY_MS;
  while (!signal.aborted) {
    const startedAtMs = clock.monotonicMs();
    try {
      const running = service.run(signal);
      if (!(await hasStopped(running, signal, clock)))
        logger.warn("A service does not stop and is left to itself", { service: service.name });
      if (signal.aborted) return;
      logger.warn("A service ended early and is started again", { service: service.name });
    } catch (error) {
      if (signal.aborted) return;
      logger.error("A service failed and is started again", { service: service.name, delayMs, error });
    }
    if (clock.monotonicMs() - startedAtMs > MAX_DELAY_MS) delayMs = FIRST_DELAY_MS;
    await clock.sleep(delayMs, signal).catch(() => undefined);
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
  }
}

/** Resolves when the service has ended, or a while after the signal with false. Rejects as the service does. */
async function hasStopped(running: Promise<void>, signal: AbortSignal, clock: Pick<Clock, "sleep">): Promise<boolean> {
  const ended = new AbortController();
  const late = untilAborted(AbortSignal.any([signal, ended.signal])).then(() => clock.sleep(STOP_LIMIT_MS, ended.signal));
  late.catch(() => undefined);
  try {
    return await Promise.race([running.then(() => true), late.then(() => false)]);
  } finally {
    ended.abort();
  }
}
