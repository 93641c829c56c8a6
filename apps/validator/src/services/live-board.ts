import { type ChainClient, isSameWeights, type Metagraph, readVotes } from "@vision/chain";
import { type ChainReport, enabledTasks, getFamily, type LiveReport } from "@vision/protocol";
import { type TaskShares, tallyTaskWeights } from "../domain/task-weights.js";
import type { CheckStore, Clock, LiveView, Logger, RoutingView, WeightStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { MetagraphSync } from "./metagraph-sync.js";
import type { PeriodReporter } from "./period-reporter.js";
import type { ResultIntake } from "./result-intake.js";
import type { RevealWatch } from "./reveal-watch.js";
import type { Service } from "./supervise.js";

/** The live view with the loop that keeps it. */
export type LiveBoard = Service & LiveView;

/** Where the live board looks. */
export type LiveBoardDependencies = {
  readonly chain: Pick<
    ChainClient,
    "status" | "getBlock" | "getMetagraph" | "getCommitments" | "getNextEpochBlock" | "getWeights" | "getValidatorTrust"
  >;
  readonly metagraph: Pick<MetagraphSync, "self">;
  readonly store: Pick<CheckStore, "countPendingChecks"> & Pick<WeightStore, "getLastWeightSet">;
  readonly routing: Pick<RoutingView, "registry" | "candidates">;
  /** Shares that stand in where nobody voted, before the registry's own. */
  readonly defaultShares?: () => TaskShares;
  readonly intake: Pick<ResultIntake, "current">;
  readonly reporter: Pick<PeriodReporter, "latest">;
  readonly reveals: Pick<RevealWatch, "pending">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
};

const CHECKS_EVERY_MS = 5_000;
/** As long as a block of the real chain takes. */
const CHAIN_EVERY_MS = 12_000;

/** Puts together what everybody may know of what is going on. Reading never waits and never fails; what could not be read stays as it was. */
export function createLiveBoard(
  { netuid, validatorHotkey }: { readonly netuid: number; readonly validatorHotkey: string },
  dependencies: LiveBoardDependencies,
): LiveBoard {
  const { chain, metagraph, store, routing, intake, reporter, reveals, guard, clock, logger } = dependencies;
  let checksWaiting: number | null = null;
  let subnet: ChainReport | null = null;

  function openPeriod(): LiveReport["period"] {
    const progress = intake.current();
    if (progress === null) return null;
    const { period, startsAtMs, endsAtMs } = progress.period;
    const sums = { requests: 0, okCount: 0, rateLimitedCount: 0, failedCount: 0 };
    for (const state of progress.states()) {
      sums.requests += state.requests;
      sums.okCount += state.okCount;
      sums.rateLimitedCount += state.rateLimitedCount;
      sums.failedCount += state.failedCount;
    }
    return { period, startsAtMs, endsAtMs, ...sums };
  }

  async function readVotesAt(atBlockHash: string, read: Metagraph, signal: AbortSignal): Promise<ChainReport["votes"]> {
    const reader = {
      getMetagraph: async () => read,
      getCommitments: () => chain.getCommitments(netuid, { atBlockHash, signal }),
    };
    const votes = await readVotes(reader, netuid, { atBlockHash, signal });
    const tally = tallyTaskWeights(votes, routing.registry(), dependencies.defaultShares?.());
    return {
      outcomePpm: Object.fromEntries(tally.weightsPpm),
      ballots: tally.ballots.map(({ hotkey, stakeRao, source, weightsPpm }) => ({
        ...{ hotkey, source, stakeRao: String(stakeRao) },
        weightsPpm: Object.fromEntries(weightsPpm),
      })),
    };
  }

  async function readChain(signal: AbortSignal): Promise<ChainReport> {
    const { hash: atBlockHash } = await chain.getBlock({ signal });
    const read = await chain.getMetagraph(netuid, { atBlockHash, signal });
    const own = metagraph.self(read);
    const trust = await chain.getValidatorTrust(netuid, { atBlockHash, signal });
    const last = await store.getLastWeightSet(netuid);
    const weights = own === null ? [] : await chain.getWeights(netuid, own.uid, { signal });
    return {
      ...{ atMs: clock.nowMs(), netuid, validatorHotkey, validatorUid: own?.uid ?? null, weights: [...weights] },
      ...{ blockNumber: read.blockNumber, tempoBlocks: read.tempoBlocks },
      nextEpochBlock: await chain.getNextEpochBlock(netuid, { signal }),
      lastSet:
        last === null
          ? null
          : {
              ...{ epochBlock: last.epochBlock, includedAtBlock: last.includedAtBlock, weights: [...last.weights] },
              isReadBack: isSameWeights(last.weights, weights),
            },
      pendingCommits: reveals.pending().map(({ includedAtBlock, revealBlock }) => ({ includedAtBlock, revealBlock })),
      votes: await readVotesAt(atBlockHash, read, signal),
      neurons: read.neurons.map((neuron) => ({
        ...{ uid: neuron.uid, hotkey: neuron.hotkey, hasValidatorPermit: neuron.hasValidatorPermit, isActive: neuron.isActive },
        ...{ lastUpdateBlock: neuron.lastUpdateBlock, incentiveFraction: neuron.incentiveFraction },
        ...{ consensusFraction: neuron.consensusFraction, dividendsFraction: neuron.dividendsFraction },
        validatorTrustFraction: trust?.[neuron.uid] ?? null,
        ...{ stakeRao: String(neuron.stakeRao), emissionRao: String(neuron.emissionRao) },
      })),
    };
  }

  async function look(what: string, read: () => Promise<void>, signal: AbortSignal): Promise<void> {
    await read().catch((error: unknown) => {
      if (!signal.aborted) logger.debug("Something could not be read for the live view; it stays as it was", { what, error });
    });
  }

  return {
    name: "live-board",
    live: () => {
      const { endpoint, newestBlock, headAgeMs } = chain.status();
      return {
        ...{ atMs: clock.nowMs(), netuid, validatorHotkey, checksWaiting },
        period: openPeriod(),
        reportedPeriod: reporter.latest()?.period ?? null,
        chain: {
          ...{ isConnected: endpoint !== null, blockNumber: newestBlock?.number ?? null, headAgeMs },
          nextEpochBlock: subnet?.nextEpochBlock ?? null,
          weightsSetAtBlock: subnet?.lastSet?.includedAtBlock ?? null,
          areWeightsReadBack: subnet?.lastSet?.isReadBack ?? null,
        },
        tasks: enabledTasks(routing.registry()).map(({ id, displayName, family, model }) => ({
          ...{ taskId: id, displayName, family, model },
          workUnit: getFamily(family).workUnit,
          minerCount: routing.candidates(id).length,
        })),
      };
    },
    chain: () => subnet,
    async run(signal) {
      const readChecks = async () => {
        checksWaiting = await guard.attempt("store", () => store.countPendingChecks());
      };
      const readSubnet = async () => {
        subnet = await guard.attempt("chain", () => readChain(signal));
      };
      for (let chainDueMs = 0; !signal.aborted; ) {
        await look("checks", readChecks, signal);
        if (clock.monotonicMs() >= chainDueMs) {
          await look("chain", readSubnet, signal);
          chainDueMs = clock.monotonicMs() + CHAIN_EVERY_MS;
        }
        await clock.sleep(CHECKS_EVERY_MS, signal);
      }
    },
  };
}
