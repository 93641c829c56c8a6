import { z } from "zod";
import type { BlockRef } from "../port.js";
import { readStorage } from "../reads/reader.js";
import type { ChainLogger } from "../rpc/chain-logger.js";
import type { Greeting } from "../rpc/rpc-client.js";
import type { Socket } from "../rpc/socket.js";
import { numberOfHeader } from "../runtime/block-of-header.js";
import { bigintSchema } from "../runtime/chain-json.js";
import { type Ask, readRuntimeIdentity } from "../runtime/load-runtime.js";
import type { RuntimeHolder } from "../runtime/runtime-holder.js";
import { judgeNode, type KnownChain } from "./judge-node.js";

/** Looks at new connections, and remembers which chain they were of. */
export type NodeGreeter = {
  /** Loads the runtime where it is another one. Rejects for a node that is not to be used. */
  greet(socket: Socket): Promise<Greeting>;
  /** Takes note of blocks as they come. */
  noteBlock(block: BlockRef): void;
};

/** What is known of the newest block says nothing any more after so long; without this one lying node would stop a client for good. */
const FORGET_AFTER_MS = 600_000;
/** A head that is older by the clock is one of a node that is stuck or still syncing, 25 blocks or more. */
const MAX_FRESH_AGE_MS = 300_000;
const hashSchema = z.string().nullable();

/** Greets nodes. `onReset` is told when the chain was started anew. */
export function createNodeGreeter(
  options: {
    /** With a single endpoint there is nothing to prefer, and a development chain may have a clock of its own. */
    readonly endpointCount: number;
    readonly nowMs: () => number;
  },
  dependencies: { readonly holder: RuntimeHolder; readonly logger: ChainLogger; readonly onReset: () => void },
): NodeGreeter {
  const { holder, logger } = dependencies;
  const knownUrls = new Set<string>();
  let known: { readonly genesisHash: string; readonly firstBlockHash: string | null } | null = null;
  let newest: { readonly number: number; readonly seenAtMs: number } | null = null;

  function knownChain(): KnownChain | null {
    if (known === null) return null;
    const isRecent = newest !== null && options.nowMs() - newest.seenAtMs < FORGET_AFTER_MS;
    return { ...known, newestNumber: isRecent && newest !== null ? newest.number : null };
  }

  return {
    noteBlock(block) {
      newest = { number: block.number, seenAtMs: options.nowMs() };
      if (block.number === 1 && known !== null) known = { ...known, firstBlockHash: block.hash };
    },
    async greet(socket) {
      const ask: Ask = (method, params) => socket.send(method, params);
      const [{ genesisHash }, header, first] = await Promise.all([
        readRuntimeIdentity(ask),
        ask("chain_getHeader", []),
        ask("chain_getBlockHash", [1]),
      ]);
      const sight = {
        genesisHash,
        firstBlockHash: hashSchema.parse(first),
        headNumber: numberOfHeader(header),
        isKnownEndpoint: knownUrls.has(socket.url),
      };
      const verdict = judgeNode(sight, knownChain());
      if (verdict.kind === "refused") throw new Error(`The node is not used: ${verdict.reason}.`);
      const runtime = await holder.refresh(ask);
      if (verdict.kind === "anew") {
        logger.warn("The chain was started anew", { headNumber: sight.headNumber, knownHeadNumber: newest?.number ?? null });
        // Whoever else is known was of the old chain.
        knownUrls.clear();
        known = null;
        newest = null;
        dependencies.onReset();
      }
      knownUrls.add(socket.url);
      known = { genesisHash, firstBlockHash: sight.firstBlockHash ?? known?.firstBlockHash ?? null };
      if (options.endpointCount === 1) return { isFresh: true, headNumber: sight.headNumber };
      const [now] = await readStorage({ request: ask, runtime: async () => runtime }, [{ pallet: "Timestamp", item: "Now" }]);
      return { isFresh: options.nowMs() - Number(bigintSchema.parse(now ?? 0)) < MAX_FRESH_AGE_MS, headNumber: sight.headNumber };
    },
  };
}
