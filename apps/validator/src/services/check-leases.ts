import type { CheckClaim, CheckRelease, ClaimedCheck, SampleRecord } from "../domain/records/index.js";
import type { CheckStore, Clock, Logger } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";

/** What leases work with. */
export type CheckLeasesDependencies = {
  readonly store: Pick<CheckStore, "claimChecks" | "renewChecks" | "releaseChecks" | "recordSample">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** The checks that this process has claimed. */
export type CheckLeases = {
  claim(claim: Omit<CheckClaim, "leaseMs" | "nowMs">, signal: AbortSignal): Promise<readonly ClaimedCheck[]>;
  /** False for one that was handed to another meanwhile. */
  holds(check: ClaimedCheck): boolean;
  release(check: ClaimedCheck, release: CheckRelease, signal: AbortSignal): Promise<void>;
  /** Makes a sample of a claimed check. */
  settle(sample: SampleRecord, signal: AbortSignal): Promise<void>;
  /** Makes claims last until they are settled; resolves after the abort, when what is left was given back. */
  keep(signal: AbortSignal): Promise<void>;
};

/** Renewed so many times in its length: a late or a failed renewal loses nothing. */
const RENEWALS = 3;

/** Claims checks for `leaseMs` and renews the claims: whoever dies with some leaves them to others after that. */
export function createCheckLeases(leaseMs: number, { store, guard, clock, logger }: CheckLeasesDependencies): CheckLeases {
  const held = new Map<string, ClaimedCheck>();

  const holds = ({ requestId, attempts }: ClaimedCheck) => held.get(requestId)?.attempts === attempts;
  const forget = (check: ClaimedCheck) => {
    if (holds(check)) held.delete(check.requestId);
  };

  async function renew(): Promise<void> {
    const before = [...held.values()];
    if (before.length === 0) return;
    const renewed = new Set(await guard.attempt("store", () => store.renewChecks(before, { leaseMs })));
    const lost = before.filter((check) => !renewed.has(check.requestId) && holds(check));
    lost.forEach(forget);
    if (lost.length > 0) logger.warn("Claimed checks were handed to others before they were done", { count: lost.length, leaseMs });
  }

  return {
    holds,
    async claim(claim, signal) {
      const claimed = await guard.untilUp("store", () => store.claimChecks({ ...claim, leaseMs }), signal);
      for (const check of claimed) held.set(check.requestId, check);
      return claimed;
    },
    async release(check, release, signal) {
      await guard.untilUp("store", () => store.releaseChecks([check], release), signal);
      forget(check);
    },
    async settle(sample, signal) {
      await guard.untilUp("store", () => store.recordSample(sample), signal);
      held.delete(sample.requestId);
    },
    async keep(signal) {
      while (!signal.aborted) {
        await clock.sleep(leaseMs / RENEWALS, signal).catch(() => undefined);
        if (!signal.aborted) await renew().catch((error: unknown) => logger.debug("Claims could not be renewed", { error }));
      }
      const left = [...held.values()];
      held.clear();
      if (left.length === 0) return;
      // Without it others have them a lease later.
      await store.releaseChecks(left, "untried").catch((error: unknown) => logger.debug("Claims could not be given back", { error }));
    },
  };
}
