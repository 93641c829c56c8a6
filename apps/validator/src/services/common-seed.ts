import type { ChainClient } from "@vision/chain";
import type { Logger } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";

/** The seed that all validators of a subnet have for an hour, from the chain. */
export type CommonSeed = {
  /**
   * Of the hour that begins at a multiple of the period's length, Unix milliseconds. Text; equal for all validators that ask once the hour
   * has begun, whenever they do. Never rejects for a chain that is away: then the own seed stands in, and large shares are tried at other
   * times than everybody else's.
   */
  at(boundaryMs: number, ownSeed: string, signal: AbortSignal): Promise<string>;
};

// Half a block: one that is so old has reached every node. Older, and miners would know it for longer before they declare.
const SPREAD_MS = 6_000;

/** Reads the hash of the newest block that was made {@link SPREAD_MS} before the hour, by the chain's own clock. */
export function createCommonSeed(
  netuid: number,
  dependencies: {
    readonly chain: Pick<ChainClient, "getBlockAt">;
    readonly guard: Pick<DependencyGuard, "attempt" | "isUp">;
    readonly logger: Logger;
  },
): CommonSeed {
  const { chain, guard, logger } = dependencies;

  async function read(boundaryMs: number, signal: AbortSignal): Promise<string> {
    // A chain that is known to be away would keep the period waiting until the read gives up.
    if (!guard.isUp("chain")) throw new Error("the chain is away");
    const block = await chain.getBlockAt(boundaryMs - SPREAD_MS, { signal });
    if (block === null) throw new Error("the chain's node does not know the block any more");
    return `${netuid} ${block.hash}`;
  }

  return {
    async at(boundaryMs, ownSeed, signal) {
      try {
        return await guard.attempt("chain", () => read(boundaryMs, signal));
      } catch (error) {
        signal.throwIfAborted();
        logger.warn("The hour's common seed could not be read from the chain; large shares are drawn from this validator's own", { error });
      }
      return ownSeed;
    },
  };
}
