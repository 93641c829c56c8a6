import type { GatewayStore, Logger, Store } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { ResultIntake } from "./result-intake.js";
import type { Service } from "./supervise.js";

/** What taking over works with. */
export type HandedOverDependencies = {
  readonly store: Pick<GatewayStore, "getHandedOver" | "findHandedOver" | "dropHandedOver">;
  readonly intake: Pick<ResultIntake, "take">;
  readonly guard: DependencyGuard;
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
  readonly logger: Pick<Logger, "error">;
};

/** Routing and the period's plan know of users' requests this much later at most. */
const LOOK_EVERY_MS = 250;
const AT_ONCE = 200;

/**
 * Takes what gateways in processes of their own hand over, as if their requests had been made here. A row goes in the transaction that
 * records its result: a core that is killed in between finds it again, and the store counts a result once.
 */
export function createHandedOverResults(dependencies: HandedOverDependencies): Service {
  const { store, intake, guard, clock, logger } = dependencies;
  /** Taken in, and perhaps not recorded yet. */
  let taken = new Set<string>();

  return {
    name: "handed-over results",
    async run(signal) {
      while (!signal.aborted) {
        const found = await guard.untilUp("store", () => store.getHandedOver({ limit: AT_ONCE, except: [...taken] }), signal);
        const unreadable = found.flatMap(({ requestId, entry }) => (entry === null ? [requestId] : []));
        if (unreadable.length > 0) {
          logger.error("Results that gateways handed over cannot be read and are dropped; are they of this release?", { unreadable });
          await guard.untilUp("store", () => store.dropHandedOver(unreadable), signal);
        }
        for (const { requestId, entry } of found) {
          if (entry === null) continue;
          taken.add(requestId);
          intake.take(entry.result, entry.check);
        }
        if (found.length === AT_ONCE) continue;
        await clock.sleep(LOOK_EVERY_MS, signal);
        if (taken.size > 0) taken = new Set(await guard.untilUp("store", () => store.findHandedOver([...taken]), signal));
      }
    },
  };
}

/**
 * Records what gateways have handed over while no core ran. Rejects with the signal's reason.
 *
 * @returns How many there were.
 */
export async function recordHandedOver(
  { store, guard }: { readonly store: Pick<Store, "getHandedOver" | "dropHandedOver" | "recordResults">; readonly guard: DependencyGuard },
  signal: AbortSignal,
): Promise<number> {
  for (let count = 0; ; ) {
    const found = await guard.untilUp("store", () => store.getHandedOver({ limit: AT_ONCE, except: [] }), signal);
    if (found.length === 0) return count;
    count += found.length;
    const entries = found.flatMap(({ entry }) => (entry === null ? [] : [entry]));
    const results = entries.map(({ result }) => result);
    const checks = entries.flatMap(({ check }) => (check === null ? [] : [check]));
    await guard.untilUp("store", () => store.recordResults(results, checks), signal);
    // Those that cannot be read; recorded ones are gone with their recording.
    const ids = found.map(({ requestId }) => requestId);
    await guard.untilUp("store", () => store.dropHandedOver(ids), signal);
  }
}
