import { type ChainClient, judgeReveal, type WeightU16 } from "@vision/chain";
import type { Logger, ValidatorMetrics } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { Service } from "./supervise.js";

/** A commit that the chain is to open by itself. */
export type CommittedWeights = {
  readonly uid: number;
  readonly includedAtBlock: number;
  readonly revealBlock: number;
  readonly weights: readonly WeightU16[];
};

/** Follows up on commits. */
export type RevealWatch = Service & {
  /** Takes note of a commit that is in a block. */
  note(commit: CommittedWeights): void;
};

/** What the watch works with. */
export type RevealWatchDependencies = {
  readonly chain: Pick<ChainClient, "getWeights" | "watchBlocks" | "watchResets">;
  readonly guard: DependencyGuard;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
};

/**
 * Looks after each commit whether its weights appeared. "Committed" says that the chain took something encrypted; a reveal that is lost is
 * an epoch without weights, and nobody else would notice.
 */
export function createRevealWatch(options: { readonly netuid: number }, dependencies: RevealWatchDependencies): RevealWatch {
  const { chain, guard, logger, metrics } = dependencies;
  const pending = new Set<CommittedWeights>();

  async function look(commit: CommittedWeights, blockNumber: number, signal: AbortSignal): Promise<void> {
    const held = await guard.attempt("chain", () => chain.getWeights(options.netuid, commit.uid, { signal }));
    const outcome = judgeReveal({ revealBlock: commit.revealBlock, blockNumber, committed: commit.weights, held });
    if (outcome === "pending" || !pending.delete(commit)) return;
    metrics.weightsRevealsTotal.inc({ outcome });
    const facts = { committedInBlock: commit.includedAtBlock, revealBlock: commit.revealBlock, blockNumber };
    if (outcome === "revealed") logger.info("Weights revealed", facts);
    else logger.error("Committed weights were not revealed: the chain holds others", facts);
  }

  return {
    name: "reveal-watch",
    note(commit) {
      pending.add(commit);
    },
    async run(signal) {
      let isLooking = false;
      const stop = chain.watchBlocks(({ number }) => {
        // Before the reveal's block there is nothing to be seen.
        const due = [...pending].filter(({ revealBlock }) => number >= revealBlock);
        if (isLooking || due.length === 0) return;
        isLooking = true;
        Promise.all(due.map((commit) => look(commit, number, signal)))
          // The next block is another chance; an outage is told by the guard.
          .catch((error: unknown) => signal.aborted || logger.debug("Weights could not be looked at", { error }))
          .finally(() => {
            isLooking = false;
          });
      });
      // A chain that was started anew never reaches the old one's blocks.
      const stopResets = chain.watchResets(() => pending.clear());
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      stop();
      stopResets();
    },
  };
}
