import type { ChainLogger } from "../rpc/chain-logger.js";
import type { Socket } from "../rpc/socket.js";
import { type Ask, loadRuntime, readRuntimeIdentity } from "./load-runtime.js";
import type { Runtime } from "./runtime.js";

/** Keeps the runtime that the chain runs now. */
export type RuntimeHolder = {
  /** The runtime; null before the first connection. */
  current(): Runtime | null;
  /** Looks at a new connection: loads its runtime if it is another one. Rejects for a node of another chain. */
  greet(socket: Socket): Promise<void>;
  /** Loads the runtime again if the chain's version changed; true if it did. */
  refresh(ask: Ask): Promise<boolean>;
};

/**
 * A node that was never connected to before must be of the same chain (a mistyped list of endpoints must not mix two networks). A node
 * that was, may come back with another genesis: a development chain that was started anew. `onReset` is told.
 */
export function createRuntimeHolder({ logger, onReset }: { readonly logger: ChainLogger; readonly onReset: () => void }): RuntimeHolder {
  let runtime: Runtime | null = null;
  let loading: Promise<boolean> | null = null;
  const knownUrls = new Set<string>();

  async function update(ask: Ask): Promise<boolean> {
    const identity = await readRuntimeIdentity(ask);
    const { specName, specVersion, transactionVersion } = identity.version;
    const isSame =
      runtime !== null &&
      runtime.genesisHash === identity.genesisHash &&
      runtime.version.specName === specName &&
      runtime.version.specVersion === specVersion &&
      runtime.version.transactionVersion === transactionVersion;
    if (isSame) return false;
    const next = await loadRuntime(ask);
    if (runtime !== null && runtime.genesisHash !== next.genesisHash) onReset();
    logger.info(runtime === null ? "Chain runtime loaded" : "Chain runtime changed", { specName, specVersion });
    runtime = next;
    return true;
  }

  function refresh(ask: Ask): Promise<boolean> {
    loading ??= update(ask).finally(() => {
      loading = null;
    });
    return loading;
  }

  return {
    current: () => runtime,
    refresh,
    async greet(socket) {
      const ask: Ask = (method, params) => socket.send(method, params);
      if (runtime !== null && !knownUrls.has(socket.url)) {
        const { genesisHash } = await readRuntimeIdentity(ask);
        if (genesisHash !== runtime.genesisHash) throw new Error("This node is of another chain than the first one.");
      }
      await refresh(ask);
      knownUrls.add(socket.url);
    },
  };
}
