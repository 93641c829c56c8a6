import { once } from "node:events";
import { type BlockRef, type ChainClient, type ChainVotes, readVotes } from "@vision/chain";
import type { TaskSetup } from "../domain/task-setup.js";
import { defaultTaskShares, isVoteBlock, type TaskShares, tallyTaskWeights } from "../domain/task-weights.js";
import type { Clock, Logger, ValidatorMetrics } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import { watchNewestBlock } from "./newest-block.js";
import type { Service } from "./supervise.js";

/** Shares of the reward by task. */
export type TaskWeights = Service & {
  /** The shares in force. Reads the votes when none were read yet. Never rejects for a chain that is away: the default stands in. */
  current(signal: AbortSignal): Promise<TaskShares>;
  /** Goes by these tasks from now on. Where their shares come from does not change: by votes, or not. */
  use(setup: TaskSetup): void;
};

/** What task weights are read with. */
export type TaskWeightsDependencies = {
  readonly chain: Pick<ChainClient, "getBlock" | "watchBlocks" | "getMetagraph" | "getCommitments">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<ValidatorMetrics, "taskWeightRatio">;
};

/** What task weights rest on. */
export type TaskWeightsOptions = {
  readonly source: TaskSetup["taskWeights"];
  readonly netuid: number;
  readonly registry: TaskSetup["registry"];
};

const RETRY_MS = 12_000; // a block

/** Task weights out of the configuration or out of the votes on chain. */
export function createTaskWeights(options: TaskWeightsOptions, dependencies: TaskWeightsDependencies): TaskWeights {
  return options.source.kind === "votes"
    ? createVotedTaskWeights(options, dependencies)
    : createFixedTaskWeights(options.source.shares, dependencies);
}

/** Shows shares in the metrics; those that are gone as 0. */
function createPublisher(metrics: TaskWeightsDependencies["metrics"]) {
  const shown = new Set<string>();
  return (shares: TaskShares) => {
    const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
    for (const task of Object.keys(shares)) shown.add(task);
    for (const task of shown) metrics.taskWeightRatio.set(total > 0 ? (shares[task] ?? 0) / total : 0, { task });
  };
}

function createFixedTaskWeights(initial: TaskShares, { metrics }: TaskWeightsDependencies): TaskWeights {
  const publish = createPublisher(metrics);
  let shares = initial;
  publish(shares);
  return {
    name: "task-weights",
    current: async () => shares,
    use({ taskWeights }) {
      if (taskWeights.kind !== "config") return;
      shares = taskWeights.shares;
      publish(shares);
    },
    async run(signal) {
      if (!signal.aborted) await once(signal, "abort");
    },
  };
}

/**
 * The votes of all validators, counted at every block whose number is a multiple of 100, so that everybody counts the same ones; just
 * after a start, at the newest block. While they cannot be read the last outcome stays in force, with one warning.
 */
function createVotedTaskWeights({ netuid, ...options }: TaskWeightsOptions, dependencies: TaskWeightsDependencies): TaskWeights {
  const { chain, guard, clock, logger, metrics } = dependencies;
  const publish = createPublisher(metrics);
  let setup: TaskSetup = { registry: options.registry, taskWeights: options.source };
  let outcome: { readonly shares: TaskShares; readonly votes: ChainVotes; readonly blockNumber: number } | null = null;
  let isFailing = false;

  const defaults = () => (setup.taskWeights.kind === "votes" ? (setup.taskWeights.defaults ?? {}) : {});
  const tally = (votes: ChainVotes): TaskShares => Object.fromEntries(tallyTaskWeights(votes, setup.registry, defaults()).weightsPpm);

  async function read(block: BlockRef, signal: AbortSignal): Promise<boolean> {
    try {
      const votes = await guard.attempt("chain", () => readVotes(chain, netuid, { atBlockHash: block.hash, signal }));
      isFailing = false;
      if (outcome !== null && outcome.blockNumber > block.number) return true;
      const shares = tally(votes);
      if (JSON.stringify(shares) !== JSON.stringify(outcome?.shares)) {
        logger.info("Task weights by vote", { block: block.number, votes: votes.votes.size, malformed: votes.malformed.size, shares });
      }
      outcome = { shares, votes, blockNumber: block.number };
      publish(shares);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!isFailing) logger.warn("Votes could not be read; the last task weights stay", { block: block.number, error });
      isFailing = true;
      return false;
    }
  }

  return {
    name: "task-weights",
    async current(signal) {
      if (outcome === null) {
        const newest = await guard.attempt("chain", () => chain.getBlock({ signal })).catch(() => null);
        signal.throwIfAborted();
        if (newest !== null) await read(newest, signal);
      }
      return outcome?.shares ?? defaultTaskShares(setup.registry, defaults());
    },
    use(next) {
      setup = next;
      if (outcome === null) return;
      outcome = { ...outcome, shares: tally(outcome.votes) };
      publish(outcome.shares);
    },
    async run(signal) {
      const voteBlocks = watchNewestBlock(chain, signal, isVoteBlock);
      // A block that a reorganisation replaced comes again, under its new hash.
      for (let done: BlockRef | null = null; !signal.aborted; ) {
        const block = voteBlocks.current();
        if (block === null || block === done) {
          await voteBlocks.changed();
          continue;
        }
        while (!(await read(block, signal)) && voteBlocks.current() === block) await clock.sleep(RETRY_MS, signal);
        done = block;
      }
    },
  };
}
