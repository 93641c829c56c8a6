import { once } from "node:events";
import type { ChainClient } from "@vision/chain";
import { type CommittedWeights, isRevealDue, judgeReveals } from "../domain/judge-reveals.js";
import type { RevealOutcome } from "../domain/records/index.js";
import type { Logger, ValidatorMetrics, WeightStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { MetagraphSync } from "./metagraph-sync.js";
import type { Service } from "./supervise.js";

/** Follows up on commits. */
export type RevealWatch = Service & {
  /** Takes note of a commit that is in a block; of one for the same epoch only the last counts. */
  note(commit: CommittedWeights): void;
  /** Forgets the commit for an epoch: its block is no block of the chain any more. */
  forget(epochBlock: number): void;
  /** Commits that the chain has not opened yet. */
  pending(): readonly CommittedWeights[];
};

/** What the watch works with. */
export type RevealWatchDependencies = {
  readonly chain: Pick<ChainClient, "getWeights" | "watchBlocks" | "watchResets">;
  readonly metagraph: Pick<MetagraphSync, "current" | "self">;
  readonly store: Pick<WeightStore, "getUnrevealedWeightSets" | "finishReveal">;
  readonly guard: DependencyGuard;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
};

/**
 * Looks after each commit whether its weights appeared, also after those of an earlier process. "Committed" says that the chain took
 * something encrypted; a reveal that is lost is an epoch without weights, and nobody else would notice.
 */
export function createRevealWatch({ netuid }: { readonly netuid: number }, dependencies: RevealWatchDependencies): RevealWatch {
  const { chain, metagraph, store, guard, logger, metrics } = dependencies;
  const pending = new Map<number, CommittedWeights>();

  async function settle(commit: CommittedWeights, outcome: RevealOutcome, blockNumber: number): Promise<void> {
    await guard.attempt("store", () => store.finishReveal({ netuid, epochBlock: commit.epochBlock, outcome }));
    if (pending.get(commit.epochBlock) !== commit || !pending.delete(commit.epochBlock)) return;
    metrics.weightsRevealsTotal.inc({ outcome });
    const facts = { committedInBlock: commit.includedAtBlock, revealBlock: commit.revealBlock, blockNumber };
    if (outcome === "revealed") logger.info("Weights revealed", facts);
    else if (outcome === "lost") logger.error("Committed weights were not revealed: the chain holds others", facts);
    else logger.info("Nobody saw whether committed weights were revealed", facts);
  }

  async function look(blockNumber: number, signal: AbortSignal): Promise<void> {
    const subnet = metagraph.current();
    if (subnet === null) return;
    const own = metagraph.self(subnet);
    const held = own === null ? [] : await guard.attempt("chain", () => chain.getWeights(netuid, own.uid, { signal }));
    for (const { commit, outcome } of judgeReveals([...pending.values()], { blockNumber, held }))
      await settle(commit, outcome, blockNumber);
  }

  async function load(signal: AbortSignal): Promise<void> {
    const left = await guard.untilUp("store", () => store.getUnrevealedWeightSets(netuid), signal);
    const unknown = left.filter(({ epochBlock }) => !pending.has(epochBlock));
    for (const commit of unknown) pending.set(commit.epochBlock, commit);
    if (unknown.length > 0) logger.info("Commits of an earlier process are looked after", { count: unknown.length });
  }

  return {
    name: "reveal-watch",
    note(commit) {
      pending.set(commit.epochBlock, commit);
    },
    forget(epochBlock) {
      pending.delete(epochBlock);
    },
    pending: () => [...pending.values()],
    async run(signal) {
      // A chain that was started anew never reaches the old one's blocks.
      const stopResets = chain.watchResets(() => {
        for (const { epochBlock } of pending.values()) {
          store
            .finishReveal({ netuid, epochBlock, outcome: "unknown" })
            .catch((error: unknown) => logger.debug("A reveal stays open", { error }));
        }
        pending.clear();
      });
      let isLooking = false;
      let stop = () => {};
      try {
        await load(signal);
        stop = chain.watchBlocks(({ number }) => {
          // Before the reveal's block there is nothing to be seen.
          if (isLooking || ![...pending.values()].some((commit) => isRevealDue(commit, number))) return;
          isLooking = true;
          look(number, signal)
            // The next block is another chance; an outage is told by the guard.
            .catch((error: unknown) => signal.aborted || logger.debug("Weights could not be looked at", { error }))
            .finally(() => {
              isLooking = false;
            });
        });
        if (!signal.aborted) await once(signal, "abort");
      } finally {
        stop();
        stopResets();
      }
    },
  };
}
