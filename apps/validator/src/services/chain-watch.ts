import { type ChainClient, ChainError, DEFAULT_BLOCK_SECONDS, type Neuron } from "@vision/chain";
import { areWeightsLate, type ChainSight, estimateBlock, isChainHeard } from "../domain/judge-chain.js";
import type { Clock, Logger, Store, ValidatorMetrics } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { MetagraphSync } from "./metagraph-sync.js";
import type { Service } from "./supervise.js";

/** Watches the chain. */
export type ChainWatch = Service & {
  /** Whether the chain answers and blocks come. */
  isHeard(): boolean;
  /** Whether the loop has ticked lately. */
  isTicking(): boolean;
};

/** Six looks: a database that hangs may hold one up for its own time limits. */
const TICKING_MS = 60_000;

const RAO_PER_TAO = 1e9;

/** Pause between looks, milliseconds. */
const LOOK_EVERY_MS = 10_000;

/** What the watch works with. */
export type ChainWatchDependencies = {
  readonly chain: Pick<ChainClient, "status" | "watchBlocks">;
  readonly metagraph: Pick<MetagraphSync, "current" | "self">;
  readonly store: Pick<Store, "getLastWeightSet">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
};

/**
 * Watches the chain by the clock, not by its blocks: everything else that looks at the chain waits for a block, and would say that all is
 * well for as long as none comes. The gauges are computed when they are scraped; late weights are an error in the log.
 */
export function createChainWatch(options: { readonly netuid: number }, dependencies: ChainWatchDependencies): ChainWatch {
  const { chain, metagraph, store, guard, clock, logger, metrics } = dependencies;
  let blockMs = DEFAULT_BLOCK_SECONDS * 1_000;
  let hasSetWeights = false;
  let isLate = false;
  let tickedAtMs: number | null = null;

  const sight = (): ChainSight => {
    const { endpoint, newestBlock, headAgeMs } = chain.status();
    return { isConnected: endpoint !== null, newestBlockNumber: newestBlock?.number ?? null, headAgeMs, blockMs };
  };

  /** What is known of our weights; null while the chain has not been read yet or this validator is not registered. */
  function weights() {
    const subnet = metagraph.current();
    const own = subnet === null ? null : metagraph.self(subnet);
    if (subnet === null || own === null) return null;
    const silenceBlocks = Math.max(0, (estimateBlock(sight()) ?? subnet.blockNumber) - own.lastUpdateBlock);
    const { tempoBlocks } = subnet;
    return {
      silenceBlocks,
      tempoBlocks,
      isLate: areWeightsLate({ silenceBlocks, tempoBlocks, hasPermit: own.hasValidatorPermit, hasSetWeights }),
    };
  }

  const isHeard = () => guard.isUp("chain") && isChainHeard(sight());
  metrics.dependencyUp.measure(() => (isHeard() ? 1 : 0), { dependency: "chain" });
  const ofNeuron = (read: (own: Neuron | null) => number) => () => {
    const subnet = metagraph.current();
    return subnet === null ? [] : [{ value: read(metagraph.self(subnet)), labels: {} }];
  };
  metrics.registered.measureAll(ofNeuron((own) => (own === null ? 0 : 1)));
  metrics.validatorPermit.measureAll(ofNeuron((own) => (own?.hasValidatorPermit === true ? 1 : 0)));
  metrics.stakeTao.measureAll(ofNeuron((own) => Number(own?.stakeRao ?? 0n) / RAO_PER_TAO));
  const ofHead = (read: () => number | null) => () => {
    const value = read();
    return value === null ? [] : [{ value, labels: {} }];
  };
  metrics.chainBlock.measureAll(ofHead(() => sight().newestBlockNumber));
  metrics.chainHeadAgeSeconds.measureAll(
    ofHead(() => {
      const { headAgeMs } = sight();
      return headAgeMs === null ? null : headAgeMs / 1_000;
    }),
  );
  metrics.weightsSilenceBlocks.measure(() => weights()?.silenceBlocks ?? 0);
  metrics.weightsLate.measure(() => (weights()?.isLate === true ? 1 : 0));

  function noteConnection(): void {
    const now = sight();
    if (isChainHeard(now)) return;
    const error = new ChainError({
      code: "CHAIN_UNREACHABLE",
      message: now.isConnected ? `No block came for ${Math.round((now.headAgeMs ?? 0) / 1_000)} s.` : "No chain endpoint is connected.",
      isRetryable: true,
    });
    guard.markDown("chain", error);
  }

  function noteLateness(): void {
    const now = weights();
    if (now === null || now.isLate === isLate) return;
    isLate = now.isLate;
    const facts = { silenceBlocks: now.silenceBlocks, tempoBlocks: now.tempoBlocks, endpoint: chain.status().endpoint };
    if (isLate) logger.error("Weights are late: the chain took none of ours for more than two tempos", facts);
    else logger.info("Weights are in time again", facts);
  }

  return {
    name: "chain-watch",
    isHeard,
    isTicking: () => tickedAtMs !== null && clock.monotonicMs() - tickedAtMs <= TICKING_MS,
    async run(signal) {
      let first: { readonly number: number; readonly atMs: number } | null = null;
      const stop = chain.watchBlocks(({ number }) => {
        guard.markUp("chain");
        const atMs = clock.monotonicMs();
        if (first === null || number <= first.number) first = { number, atMs };
        else blockMs = Math.max(1, (atMs - first.atMs) / (number - first.number));
      });
      signal.addEventListener("abort", stop, { once: true });
      while (!signal.aborted) {
        if (!hasSetWeights) {
          const last = await store.getLastWeightSet(options.netuid).catch(() => null);
          hasSetWeights = last?.state === "set";
        }
        tickedAtMs = clock.monotonicMs();
        noteConnection();
        noteLateness();
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}
