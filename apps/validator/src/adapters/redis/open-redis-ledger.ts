import type { Clock, Logger, ValidatorMetrics } from "../../ports/index.js";
import { createDependencyGuard } from "../../services/dependency-guard.js";
import { createSharedLedger } from "../ledger-shared.js";
import { processMonotonicMs } from "../monotonic.js";
import { connectRedis } from "./connect-redis.js";
import { createRedisLedger, type RedisLedger } from "./ledger-redis.js";
import { ledgerScripts } from "./ledger-scripts.js";

/** What all keys of a validator's ledger begin with; the braces keep them together where Redis is a cluster. */
const prefixOf = (validator: string) => `{vision:${validator}}`;

/**
 * The ledger that all processes of a validator share, on the Redis at `url`. Connects in the background.
 *
 * @param options - `validator` is its ss58 address.
 */
export function openRedisLedger(
  { url, validator }: { readonly url: string; readonly validator: string },
  dependencies: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: Pick<ValidatorMetrics, "dependencyUp" | "ledgerProcesses">;
  },
): RedisLedger {
  const guard = createDependencyGuard({ ...dependencies, watched: ["redis"] });
  const shared = createSharedLedger();
  const link = connectRedis(url, ledgerScripts);
  const ledger = createRedisLedger(
    { prefix: prefixOf(validator) },
    { link, shared, monotonicMs: processMonotonicMs, guard, clock: dependencies.clock },
  );
  dependencies.metrics.ledgerProcesses.measure(() => ledger.processes() ?? 0);
  return ledger;
}
