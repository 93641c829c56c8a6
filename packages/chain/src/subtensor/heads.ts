import { z } from "zod";
import type { BlockRef } from "../port.js";
import type { ChainLogger } from "../rpc/chain-logger.js";
import type { RpcClient } from "../rpc/rpc-client.js";
import type { Runtime } from "../runtime/runtime.js";

/** Blocks that a head may fall back by in a reorganisation. More is a chain that was started anew. */
const MAX_REORG_BLOCKS = 10;
/** Longest gap after a reconnect that is told block by block. */
const MAX_GAP_BLOCKS = 64;

const headerSchema = z.looseObject({ number: z.string().regex(/^0x[0-9a-f]+$/i) });

/** Follows the chain's best block. */
export type Heads = {
  watch(listener: (block: BlockRef) => void): () => void;
  /** The newest block seen; null before the first. */
  newest(): BlockRef | null;
  close(): void;
};

/** Block of a header in JSON form; its hash is computed, not asked for. */
export function blockOfHeader(runtime: Runtime, json: unknown): BlockRef {
  const header = headerSchema.parse(json);
  return { number: Number(header.number), hash: runtime.registry.createTypeUnsafe("Header", [header]).hash.toHex() };
}

/** Starts following at once. `onReset` is told when the head falls back further than a reorganisation can. */
export function createHeads(
  rpc: RpcClient,
  dependencies: { readonly runtime: () => Runtime | null; readonly onReset: () => void; readonly logger: ChainLogger },
): Heads {
  const listeners = new Set<(block: BlockRef) => void>();
  let newest: BlockRef | null = null;
  let work = Promise.resolve();

  function tell(block: BlockRef): void {
    newest = block;
    for (const listener of [...listeners]) {
      try {
        listener(block);
      } catch (error) {
        dependencies.logger.warn("A block listener failed", { reason: String(error) });
      }
    }
  }

  async function accept(json: unknown): Promise<void> {
    const runtime = dependencies.runtime();
    if (runtime === null) return;
    const block = blockOfHeader(runtime, json);
    const last = newest;
    if (last !== null && last.number === block.number && last.hash === block.hash) return;
    if (last !== null && last.number - block.number > MAX_REORG_BLOCKS) {
      dependencies.logger.warn("The chain's head went back: it was started anew", { from: last.number, to: block.number });
      dependencies.onReset();
    } else if (last !== null && block.number - last.number > 1 && block.number - last.number <= MAX_GAP_BLOCKS) {
      for (let number = last.number + 1; number < block.number; number += 1) {
        const hash = z
          .string()
          .nullable()
          .parse(await rpc.request("chain_getBlockHash", [number]));
        if (hash !== null) tell({ number, hash });
      }
    }
    tell(block);
  }

  const stop = rpc.follow(
    { notification: "chain_newHead", method: "chain_subscribeNewHead", unsubscribeMethod: "chain_unsubscribeNewHead", params: [] },
    (json) => {
      work = work
        .then(() => accept(json))
        .catch((error: unknown) => dependencies.logger.debug("A block was missed", { reason: String(error) }));
    },
  );

  return {
    newest: () => newest,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      stop();
    },
  };
}
