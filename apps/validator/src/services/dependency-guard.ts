import { VisionError } from "@vision/protocol";
import type { Clock, Logger, ValidatorMetrics } from "../ports/index.js";
import { createSteadyState } from "./steady-state.js";

/** What the validator cannot work without. */
export type Dependency = "chain" | "store" | "reference" | "network" | "redis" | "core";

/** Watches the dependencies: a gauge, one warning per outage and one line when it is over; one that comes and goes is not told every time. */
export type DependencyGuard = {
  isUp(dependency: Dependency): boolean;
  markUp(dependency: Dependency): void;
  markDown(dependency: Dependency, error: unknown): void;
  /** Runs an operation once. An outage is noted; every error is passed on. */
  attempt<Value>(dependency: Dependency, operation: () => Promise<Value>): Promise<Value>;
  /** Runs an operation until there is no outage any more. Rejects on other errors, and with the signal's reason. */
  untilUp<Value>(dependency: Dependency, operation: () => Promise<Value>, signal: AbortSignal): Promise<Value>;
};

/** Redis is needed by few, and the core only by gateways in processes of their own. */
const dependencies = ["chain", "store", "reference", "network"] as const satisfies readonly Dependency[];

/** One that comes and goes is told at most twice in this time. */
const STEADY_MS = 30_000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;

const outageCodes: Readonly<Record<Dependency, ReadonlySet<string>>> = {
  chain: new Set(["CHAIN_UNREACHABLE", "CHAIN_TIMEOUT"]),
  store: new Set(["STORE_UNREACHABLE"]),
  reference: new Set(["REFERENCE_UNAVAILABLE", "TINY_WORKER_FAILED"]),
  // Told by what happens at many miners, never by one error.
  network: new Set(),
  redis: new Set(),
  core: new Set(),
};

/** What it means that one is away. */
function downMessage(dependency: Dependency): string {
  if (dependency === "redis") return "Redis does not answer; until it does, each process uses its own share of what miners had free";
  if (dependency === "core") return "The validator tells nothing; requests go on by what it told last, for three minutes at most";
  return "A dependency does not work; what needs it is paused";
}

function isOutage(dependency: Dependency, error: unknown): boolean {
  const code = VisionError.isInstance(error) ? error.code : (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" && outageCodes[dependency].has(code);
}

/** A guard that takes everything to be up until it is not. `watched` is what the process needs of them. */
export function createDependencyGuard({
  clock,
  logger,
  metrics,
  watched = dependencies,
}: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ValidatorMetrics, "dependencyUp">;
  readonly watched?: readonly Dependency[];
}): DependencyGuard {
  const downSinceMs = new Map<Dependency, number>();
  const lastErrors = new Map<Dependency, unknown>();
  const lastDownMs = new Map<Dependency, number>();
  const told = new Map(
    watched.map((dependency) => {
      const tell = (state: "up" | "down", changes: number) => {
        const facts = { dependency, ...(changes > 1 ? { changes } : {}) };
        if (state === "up") logger.info("A dependency works again", { ...facts, downMs: lastDownMs.get(dependency) ?? 0 });
        else logger.warn(downMessage(dependency), { ...facts, error: lastErrors.get(dependency) });
      };
      return [dependency, createSteadyState<"up" | "down">({ initial: "up", steadyMs: STEADY_MS, clock, tell })] as const;
    }),
  );
  for (const dependency of watched) metrics.dependencyUp.set(1, { dependency });

  const guard: DependencyGuard = {
    isUp(dependency) {
      const isUp = !downSinceMs.has(dependency);
      told.get(dependency)?.note(isUp ? "up" : "down");
      return isUp;
    },
    markUp(dependency) {
      const since = downSinceMs.get(dependency);
      if (since !== undefined) {
        lastDownMs.set(dependency, clock.nowMs() - since);
        downSinceMs.delete(dependency);
        metrics.dependencyUp.set(1, { dependency });
      }
      told.get(dependency)?.note("up");
    },
    markDown(dependency, error) {
      if (downSinceMs.has(dependency)) {
        told.get(dependency)?.note("down");
        return;
      }
      downSinceMs.set(dependency, clock.nowMs());
      metrics.dependencyUp.set(0, { dependency });
      lastErrors.set(dependency, error);
      told.get(dependency)?.note("down");
    },
    async attempt(dependency, operation) {
      try {
        const value = await operation();
        guard.markUp(dependency);
        return value;
      } catch (error) {
        if (isOutage(dependency, error)) guard.markDown(dependency, error);
        throw error;
      }
    },
    async untilUp(dependency, operation, signal) {
      for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
        signal.throwIfAborted();
        try {
          return await guard.attempt(dependency, operation);
        } catch (error) {
          if (signal.aborted || !isOutage(dependency, error)) throw error;
          await clock.sleep(delayMs, signal);
        }
      }
    },
  };
  return guard;
}
