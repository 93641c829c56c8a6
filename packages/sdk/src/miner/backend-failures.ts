import type { Clock } from "../runtime/clock.js";
import type { Logger } from "../runtime/logger.js";

/** Tells people of failures of backends. */
export type BackendFailures = {
  /** `message` is constant; `facts` are those of this failure. */
  note(message: string, facts: { readonly backend: string; readonly task: string } & Readonly<Record<string, unknown>>): void;
};

const TELL_EVERY_MS = 60_000;

/**
 * A failure of a backend at a task is told at once, those that follow at most once a minute, `times` with how many there were since: one that
 * is ill fails at every request.
 */
export function createBackendFailures({
  clock,
  logger,
}: {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly logger: Logger;
}): BackendFailures {
  const known = new Map<string, { toldAtMs: number; untold: number }>();
  return {
    note(message, facts) {
      const key = JSON.stringify([message, facts.backend, facts.task]);
      const kind = known.get(key) ?? { toldAtMs: Number.NEGATIVE_INFINITY, untold: 0 };
      known.set(key, kind);
      kind.untold += 1;
      const nowMs = clock.monotonicMs();
      if (nowMs - kind.toldAtMs < TELL_EVERY_MS) return;
      logger.warn(message, { ...facts, times: kind.untold });
      kind.toldAtMs = nowMs;
      kind.untold = 0;
    },
  };
}
