import type { ChainLogger } from "../rpc/chain-logger.js";
import { type Ask, loadRuntime, readRuntimeIdentity } from "./load-runtime.js";
import type { Runtime } from "./runtime.js";

/** Keeps the runtime that the chain runs now. */
export type RuntimeHolder = {
  /** The runtime; null before the first connection. */
  current(): Runtime | null;
  /** The runtime of the node that is asked: loaded where it is another than the one that is kept. */
  refresh(ask: Ask): Promise<Runtime>;
};

/** A holder without a runtime yet. */
export function createRuntimeHolder({ logger }: { readonly logger: ChainLogger }): RuntimeHolder {
  let runtime: Runtime | null = null;
  let loading: Promise<unknown> = Promise.resolve();

  async function update(ask: Ask): Promise<Runtime> {
    const identity = await readRuntimeIdentity(ask);
    const { specName, specVersion, transactionVersion } = identity.version;
    if (
      runtime !== null &&
      runtime.genesisHash === identity.genesisHash &&
      runtime.version.specName === specName &&
      runtime.version.specVersion === specVersion &&
      runtime.version.transactionVersion === transactionVersion
    )
      return runtime;
    const next = await loadRuntime(ask);
    logger.info(runtime === null ? "Chain runtime loaded" : "Chain runtime changed", { specName, specVersion });
    runtime = next;
    return next;
  }

  return {
    current: () => runtime,
    refresh(ask) {
      // One after the other: two that load at once would take 300 ms and 70 MB twice.
      const result = loading.then(() => update(ask));
      loading = result.catch(() => undefined);
      return result;
    },
  };
}
