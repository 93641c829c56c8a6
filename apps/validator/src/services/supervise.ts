import type { Clock, Logger } from "../ports/index.js";

/** A loop that runs until its signal aborts. */
export type Service = { readonly name: string; run(signal: AbortSignal): Promise<void> };

/** What a supervised loop needs. */
export type SuperviseDependencies = { readonly clock: Clock; readonly logger: Logger };

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;

/**
 * Runs a service until the signal aborts. A failure is logged and the service starts again, after a wait that grows while it keeps
 * failing; it never reaches the other services. Resolves after the abort, never rejects.
 */
export async function supervise(service: Service, signal: AbortSignal, { clock, logger }: SuperviseDependencies): Promise<void> {
  let delayMs = FIRST_DELAY_MS;
  while (!signal.aborted) {
    const startedAtMs = clock.monotonicMs();
    try {
      await service.run(signal);
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
