import type { BlockRef, ChainClient } from "@vision/chain";
import type { Logger } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";

/** The seed that all validators of a subnet have for an hour, from the chain. */
export type CommonSeed = {
  /**
   * Of the hour that begins now. Text; equal for validators whose periods begin within the same few blocks. Never rejects for a chain that
   * is away: then the own seed stands in, and large shares are tried at other times than everybody else's.
   */
  current(ownSeed: string, signal: AbortSignal): Promise<string>;
};

// Five blocks are a minute. More, and miners know before they declare; fewer, and validators that begin a moment apart disagree.
const COMMON_BLOCKS = 5;

/** Reads the hash of the newest block whose number is a multiple of {@link COMMON_BLOCKS}. */
export function createCommonSeed(
  netuid: number,
  dependencies: {
    readonly chain: Pick<ChainClient, "getBlock" | "getBlockHash">;
    readonly guard: Pick<DependencyGuard, "attempt" | "isUp">;
    readonly logger: Logger;
  },
): CommonSeed {
  const { chain, guard, logger } = dependencies;

  async function read(signal: AbortSignal): Promise<string | null> {
    // A chain that is known to be away would keep the period waiting until the read gives up.
    if (!guard.isUp("chain")) throw new Error("the chain is away");
    const newest: BlockRef = await chain.getBlock({ signal });
    return chain.getBlockHash(newest.number - (newest.number % COMMON_BLOCKS), { signal });
  }

  return {
    async current(ownSeed, signal) {
      try {
        const hash = await guard.attempt("chain", () => read(signal));
        if (hash !== null) return `${netuid} ${hash}`;
      } catch (error) {
        signal.throwIfAborted();
        logger.warn("The hour's common seed could not be read from the chain; large shares are drawn from this validator's own", { error });
      }
      return ownSeed;
    },
  };
}
