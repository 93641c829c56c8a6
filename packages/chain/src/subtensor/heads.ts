import { z } from "zod";
import type { BlockRef } from "../port.js";
import type { ChainLogger } from "../rpc/chain-logger.js";
import type { RpcClient } from "../rpc/rpc-client.js";
import { blockOfHeader } from "../runtime/block-of-header.js";
import type { Runtime } from "../runtime/runtime.js";

/** Blocks that a head may fall back by in a reorganisation. More is a node that is behind, or a chain that was started anew. */
export const MAX_REORG_BLOCKS = 10;
/** Longest gap after a reconnect that is told block by block. */
const MAX_GAP_BLOCKS = 64;
/** Where no endpoint has a new block, connecting elsewhere every minute helps nobody. */
const MAX_PATIENCE_MS = 600_000;

/** Follows the chain's best block. */
export type Heads = {
  watch(listener: (block: BlockRef) => void): () => void;
  /** The newest block and how long ago it was heard of; null before the first. */
  newest(): { readonly block: BlockRef; readonly ageMs: number } | null;
  /** Forgets the newest block: the chain was started anew. */
  reset(): void;
  close(): void;
};

/**
 * Starts following at once. When no new block is heard of for `maxHeadAgeMs`, the connection is given up for the next endpoint: its
 * notifications stopped, or its node is stuck.
 */
export function createHeads(
  options: { readonly maxHeadAgeMs: number },
  dependencies: { readonly rpc: RpcClient; readonly runtime: () => Runtime | null; readonly logger: ChainLogger },
): Heads {
  const { rpc, logger } = dependencies;
  const listeners = new Set<(block: BlockRef) => void>();
  let newest: { readonly block: BlockRef; readonly heardAtMs: number } | null = null;
  let work = Promise.resolve();
  let quietSinceMs = performance.now();
  let patienceMs = options.maxHeadAgeMs;
  let isChecking = false;

  function tell(block: BlockRef): void {
    newest = { block, heardAtMs: performance.now() };
    quietSinceMs = newest.heardAtMs;
    patienceMs = options.maxHeadAgeMs;
    for (const listener of [...listeners]) {
      try {
        listener(block);
      } catch (error) {
        logger.warn("A block listener failed", { reason: String(error) });
      }
    }
  }

  async function accept(json: unknown): Promise<void> {
    const runtime = dependencies.runtime();
    if (runtime === null) return;
    const block = blockOfHeader(runtime, json);
    const last = newest?.block ?? null;
    if (last !== null && last.number === block.number && last.hash === block.hash) return;
    if (last !== null && last.number - block.number > MAX_REORG_BLOCKS) {
      // Connecting again looks at the node anew: whether it is behind, or its chain was started anew.
      rpc.leave({ kind: "behind", detail: `its head went back from block ${last.number} to ${block.number}` });
      return;
    }
    if (last !== null && block.number - last.number > 1 && block.number - last.number <= MAX_GAP_BLOCKS) {
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

  function enqueue(json: unknown): Promise<void> {
    work = work.then(() => accept(json)).catch((error: unknown) => logger.debug("A block was missed", { reason: String(error) }));
    return work;
  }

  /** Gives the connection up when nothing new was heard of for too long, after asking once whether there is something new. */
  async function check(): Promise<void> {
    if (rpc.endpoint() === null) quietSinceMs = performance.now();
    if (isChecking || performance.now() - quietSinceMs < patienceMs) return;
    isChecking = true;
    try {
      const before = newest?.block.number ?? -1;
      const quietMs = Math.round(performance.now() - quietSinceMs);
      // Asked of this very connection: another one's answer would say nothing about it.
      const socket = await rpc.socket();
      await enqueue(await socket.send("chain_getHeader", []));
      const now = newest?.block.number ?? -1;
      if (now > before) {
        socket.close({ kind: "silent", detail: `it told no new block for ${quietMs} ms, though there are some: block ${now}` });
      } else {
        quietSinceMs = performance.now();
        patienceMs = Math.min(patienceMs * 2, MAX_PATIENCE_MS);
        socket.close({ kind: "stuck", detail: `it had no new block for ${quietMs} ms, the newest is ${now}` });
      }
    } catch (error) {
      logger.debug("The newest block could not be asked for", { reason: String(error) });
    } finally {
      isChecking = false;
    }
  }

  const checks = setInterval(() => void check(), Math.max(1, options.maxHeadAgeMs / 4));
  const stop = rpc.follow(
    { notification: "chain_newHead", method: "chain_subscribeNewHead", unsubscribeMethod: "chain_unsubscribeNewHead", params: [] },
    (json) => void enqueue(json),
  );

  return {
    newest: () => (newest === null ? null : { block: newest.block, ageMs: performance.now() - newest.heardAtMs }),
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reset() {
      newest = null;
    },
    close() {
      clearInterval(checks);
      listeners.clear();
      stop();
    },
  };
}
