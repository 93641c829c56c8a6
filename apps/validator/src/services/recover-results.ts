import type { Logger, ResultsSpool, Store } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";

/** Records what earlier processes could not give to the store; recording a result twice changes nothing, so nothing is lost in between. */
export async function recoverResults(
  dependencies: {
    readonly spool: ResultsSpool;
    readonly store: Pick<Store, "recordResults">;
    readonly guard: DependencyGuard;
    readonly logger: Logger;
  },
  signal: AbortSignal,
): Promise<void> {
  const { spool, store, guard, logger } = dependencies;
  let count = 0;
  for await (const entries of spool.read()) {
    const results = entries.map(({ result }) => result);
    const checks = entries.flatMap(({ check }) => (check === null ? [] : [check]));
    await guard.untilUp("store", () => store.recordResults(results, checks), signal);
    count += entries.length;
  }
  await spool.clear();
  if (count > 0) logger.info("Results that an earlier process could not record are recorded now", { count });
}
