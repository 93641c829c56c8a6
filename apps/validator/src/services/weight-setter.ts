import {
  type ChainClient,
  ChainError,
  type ChainSigner,
  type HotkeyWeight,
  type Hyperparameters,
  isSameWeights,
  type Metagraph,
  type Neuron,
  nameHotkeys,
  planWeightFallback,
  planWeightTiming,
  type SetWeightsResult,
  type WeightU16,
} from "@vision/chain";
import { VisionError } from "@vision/protocol";
import { judgeLeftWeights } from "../domain/judge-left-weights.js";
import { prepareWeights, reuseWeights } from "../domain/prepare-weights.js";
import type { WeightParams } from "../domain/weight-params.js";
import type { Clock, Logger, PeriodStore, ScoreStore, ValidatorMetrics, WeightStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { MetagraphSync } from "./metagraph-sync.js";
import type { RevealWatch } from "./reveal-watch.js";
import type { Scorer } from "./scorer.js";
import { createSteadyState } from "./steady-state.js";
import type { Service } from "./supervise.js";

/** What one look at the chain led to. Before `untilBlock` nothing can change. */
export type WeightStep =
  | { readonly kind: "set"; readonly blockNumber: number }
  | { readonly kind: "waiting"; readonly untilBlock: number }
  | { readonly kind: "skipped"; readonly reason: string; readonly untilBlock: number }
  | { readonly kind: "failed"; readonly error: unknown };

/** Sets weights when they are due. */
export type WeightSetter = Service & {
  /** Looks once; sets weights when due, or in any case where `isForced` (but never twice for one epoch). */
  step(options: { readonly isForced: boolean }, signal: AbortSignal): Promise<WeightStep>;
};

/** What the weight setter works with. */
export type WeightSetterDependencies = {
  readonly chain: Pick<ChainClient, "getBlock" | "watchBlocks" | "getHyperparameters" | "getNextEpochBlock" | "getWeights" | "setWeights">;
  readonly metagraph: MetagraphSync;
  readonly scorer: Scorer;
  readonly store: Pick<PeriodStore, "getNewestPeriod" | "getOpenPeriod"> & Pick<ScoreStore, "saveEpoch"> & WeightStore;
  readonly signer: ChainSigner;
  readonly reveals: Pick<RevealWatch, "note">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
};

/** Blocks after which a block is there for good, or seen to be gone: subtensor's finality lags two or three blocks. */
const SETTLED_BLOCKS = 4;

/** A reason that comes and goes is told at most twice in this time. */
const STEADY_MS = 300_000;

/**
 * Sets the scores as weights, once per epoch of the chain, late enough that they rest on the newest samples and early enough for retries.
 * That weights are being set for an epoch is checked and recorded in one step, so a restarted or doubled validator never sets twice.
 */
export function createWeightSetter(
  options: { readonly params: WeightParams; readonly netuid: number },
  dependencies: WeightSetterDependencies,
): WeightSetter {
  const { params, netuid } = options;
  const { chain, metagraph, scorer, store, signer, reveals, guard, clock, logger, metrics } = dependencies;

  async function freshWeights(subnet: Metagraph, hyperparameters: Hyperparameters, signal: AbortSignal): Promise<readonly WeightU16[]> {
    const newest = await guard.attempt("store", () => store.getNewestPeriod());
    const open = await guard.attempt("store", () => store.getOpenPeriod());
    const newestClosed = newest === null ? 0 : newest.period - (open?.period === newest.period ? 1 : 0);
    if (newestClosed < 1) return [];
    const { report, inputs } = await scorer.score(newestClosed, signal);
    const closedPeriods = new Set(inputs.observations.series.flatMap(({ periods }) => periods.map(({ period }) => period))).size;
    if (closedPeriods < params.minClosedPeriods) return [];
    await guard.attempt("store", () => store.saveEpoch({ period: newestClosed, createdAtMs: clock.nowMs(), report }, inputs));
    return prepareWeights(report, subnet, { minAllowedWeights: hyperparameters.minAllowedWeights, ownHotkey: signer.address });
  }

  async function chooseWeights(
    subnet: Metagraph,
    own: { readonly lastUpdateBlock: number },
    context: { readonly blockNumber: number; readonly hyperparameters: Hyperparameters },
    signal: AbortSignal,
  ): Promise<readonly WeightU16[]> {
    const fresh = await freshWeights(subnet, context.hyperparameters, signal).catch((error: unknown) => {
      if (signal.aborted || VisionError.isInstance(error, "STORE_UNREACHABLE")) throw error;
      logger.error("Scores could not be computed; the last good weights may have to do", { error });
      return [];
    });
    const last = await guard.attempt("store", () => store.getLastWeightSet(netuid));
    const lastGood = last === null ? [] : reuseWeights(last, subnet);
    const decision = planWeightFallback({
      blockNumber: context.blockNumber,
      lastUpdateBlock: own.lastUpdateBlock,
      maxSilenceBlocks: params.maxSilenceBlocks,
      hasFreshWeights: fresh.length > 0,
      hasLastGoodWeights: lastGood.length > 0,
    });
    if (decision === "last-good") logger.warn("There are no new weights and the silence is long: the last good ones are set again");
    return decision === "fresh" ? fresh : decision === "last-good" ? lastGood : [];
  }

  /** What became of a call whose answer got lost: the chain tells by the block of our last update. */
  let uncertain: { readonly epochBlock: number; readonly lastUpdateBlock: number } | null = null;

  /** Takes note of weights that came to be in a block after all, although the call for them failed. */
  async function settleUncertain(own: Neuron): Promise<WeightStep | null> {
    if (uncertain === null || own.lastUpdateBlock <= uncertain.lastUpdateBlock) return null;
    const { epochBlock } = uncertain;
    const blockNumber = own.lastUpdateBlock;
    await guard.attempt("store", () =>
      store.finishWeightSet({
        netuid,
        epochBlock,
        state: "set",
        includedAtBlock: blockNumber,
        detail: "found in a block after a failed call",
      }),
    );
    uncertain = null;
    noteSet(blockNumber);
    logger.info("Weights set", { block: blockNumber, kind: "found after a failed call" });
    return { kind: "set", blockNumber };
  }

  /** Settles what an earlier process left half done: it ended between handing its weights over and writing down what became of them. */
  async function settleLeft(own: Neuron, subnet: Metagraph, tempoBlocks: number): Promise<void> {
    for (const { epochBlock } of await guard.attempt("store", () => store.getSubmittingWeightSets(netuid))) {
      const { blockNumber } = subnet;
      const state = judgeLeftWeights({ epochBlock, tempoBlocks, blockNumber, lastUpdateBlock: own.lastUpdateBlock });
      if (state === "open") continue;
      const isSet = state === "set";
      const detail = isSet ? "found in a block after a restart" : "not found in a block of its epoch after a restart";
      const includedAtBlock = isSet ? own.lastUpdateBlock : null;
      await guard.attempt("store", () => store.finishWeightSet({ netuid, epochBlock, state, includedAtBlock, detail }));
      if (isSet) noteSet(own.lastUpdateBlock);
      logger.info("Weights of an earlier process are settled", { epochBlock, state });
    }
  }

  /**
   * Weights that the chain took and then lost: the block they were in is no block of the chain any more, and our last update did not move.
   * They are marked as failed, so that they are set again in the same epoch.
   */
  async function noteDropped(own: Neuron, subnet: Metagraph, nextEpochBlock: number): Promise<void> {
    const last = await guard.attempt("store", () => store.getLastWeightSet(netuid));
    if (last === null || last.epochBlock !== nextEpochBlock || last.includedAtBlock === null) return;
    if (own.lastUpdateBlock >= last.includedAtBlock || subnet.blockNumber < last.includedAtBlock + SETTLED_BLOCKS) return;
    logger.warn("The block with our weights was dropped by the chain; they are set again", { block: last.includedAtBlock });
    metrics.weightsFailedTotal.inc();
    await guard.attempt("store", () =>
      store.finishWeightSet({
        netuid,
        epochBlock: nextEpochBlock,
        state: "failed",
        includedAtBlock: null,
        detail: "dropped by a reorganisation",
      }),
    );
  }

  function noteSet(blockNumber: number): void {
    metrics.weightsSetTotal.inc();
    metrics.lastWeightsBlock.set(blockNumber);
  }

  async function confirm(uid: number, result: SetWeightsResult, signal: AbortSignal): Promise<string | null> {
    if (result.kind === "committed") return `committed, revealed at block ${result.revealBlock}`;
    const held = await guard.attempt("chain", () => chain.getWeights(netuid, uid, { signal }));
    if (isSameWeights(result.weights, held)) return null;
    throw new VisionError({
      code: "CHAIN_REJECTED",
      message: `The chain took our weights in block ${result.blockNumber} and holds others.`,
      hint: "Another process may set weights with the same hotkey.",
      facts: { netuid, uid },
    });
  }

  async function submit(own: Neuron, epochBlock: number, weights: readonly HotkeyWeight[], signal: AbortSignal): Promise<WeightStep> {
    const key = { netuid, epochBlock };
    uncertain = { epochBlock, lastUpdateBlock: own.lastUpdateBlock };
    try {
      const request = { netuid, weights, versionKey: params.versionKey, signer };
      const result = await guard.attempt("chain", () => chain.setWeights(request, { signal }));
      if (result.dropped.length > 0) {
        logger.warn("Weights of uids that changed hands were left out", { uids: result.dropped.map(({ uid }) => uid) });
      }
      if (result.kind === "committed") {
        reveals.note({ uid: own.uid, includedAtBlock: result.blockNumber, revealBlock: result.revealBlock, weights: result.weights });
      }
      // From here on there is an answer; what is wrong with it is another matter.
      uncertain = null;
      const detail = await confirm(own.uid, result, signal).catch((error: unknown) => {
        if (VisionError.isInstance(error, "CHAIN_REJECTED")) throw error;
        return `not confirmed: ${error instanceof Error ? error.message : String(error)}`;
      });
      await guard.untilUp(
        "store",
        () => store.finishWeightSet({ ...key, state: "set", includedAtBlock: result.blockNumber, detail }),
        signal,
      );
      noteSet(result.blockNumber);
      logger.info("Weights set", { block: result.blockNumber, kind: result.kind, weightCount: weights.length });
      if (detail !== null && result.kind === "set") logger.warn("Weights could not be confirmed", { block: result.blockNumber, detail });
      return { kind: "set", blockNumber: result.blockNumber };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      await store.finishWeightSet({ ...key, state: "failed", includedAtBlock: null, detail }).catch(() => undefined);
      if (!ChainError.isInstance(error, "CHAIN_TIMEOUT") && !ChainError.isInstance(error, "CHAIN_UNREACHABLE")) uncertain = null;
      throw error;
    }
  }

  async function look(isForced: boolean, signal: AbortSignal): Promise<WeightStep> {
    // Not the last good one: a uid may have changed hands since.
    const subnet = await metagraph.readFresh(signal);
    const { number: blockNumber } = await guard.attempt("chain", () => chain.getBlock({ signal }));
    const hyperparameters = await guard.attempt("chain", () => chain.getHyperparameters(netuid, { signal }));
    const nextEpochBlock = await guard.attempt("chain", () => chain.getNextEpochBlock(netuid, { signal }));
    const own = metagraph.self(subnet);
    if (own === null) return { kind: "skipped", reason: "this hotkey is not registered", untilBlock: nextEpochBlock };
    if (!own.hasValidatorPermit) return { kind: "skipped", reason: "this hotkey has no validator permit", untilBlock: nextEpochBlock };
    const found = await settleUncertain(own);
    if (found !== null) return found;
    await settleLeft(own, subnet, hyperparameters.tempoBlocks);
    await noteDropped(own, subnet, nextEpochBlock);
    const timing = planWeightTiming({
      blockNumber,
      nextEpochBlock,
      tempoBlocks: hyperparameters.tempoBlocks,
      lastUpdateBlock: own.lastUpdateBlock,
      weightsRateLimitBlocks: hyperparameters.weightsRateLimitBlocks,
      leadBlocks: params.leadBlocks,
    });
    if (timing.kind === "wait" && !(isForced && timing.reason === "epoch-far")) return { kind: "waiting", untilBlock: timing.untilBlock };
    const weights = await chooseWeights(subnet, own, { blockNumber, hyperparameters }, signal);
    if (weights.length === 0) return { kind: "skipped", reason: "there are no scores to set", untilBlock: blockNumber + 1 };
    const record = { netuid, epochBlock: nextEpochBlock, weights, nowMs: clock.nowMs(), staleAfterMs: params.staleAfterMs };
    const isOurs = await guard.attempt("store", () => store.beginWeightSet(record));
    if (!isOurs) {
      // Looked at again before the epoch ends: the block they are in may be dropped.
      const untilBlock = Math.min(nextEpochBlock, blockNumber + SETTLED_BLOCKS);
      return { kind: "skipped", reason: "weights for this epoch were set already", untilBlock };
    }
    return submit(own, nextEpochBlock, nameHotkeys(weights, subnet), signal);
  }

  const setter: WeightSetter = {
    name: "weight-setter",
    async step({ isForced }, signal) {
      try {
        return await look(isForced, signal);
      } catch (error) {
        signal.throwIfAborted();
        metrics.weightsFailedTotal.inc();
        const chainName = ChainError.isInstance(error) ? error.chainName : null;
        logger.debug("Weights could not be set", { chainName, error });
        return { kind: "failed", error };
      }
    },
    async run(signal) {
      const blocks = watchNewest(chain, signal);
      const unset = createSteadyState<string | null>({
        ...{ initial: null, steadyMs: STEADY_MS, clock },
        tell: (reason) => reason !== null && logger.info("Weights are not set", { reason }),
      });
      let failures = 0;
      let nextBlock = 0;
      while (!signal.aborted) {
        await blocks.reach(nextBlock);
        const step = await setter.step({ isForced: false }, signal);
        unset.note(step.kind === "skipped" ? step.reason : null);
        if (step.kind === "failed") {
          failures += 1;
          if (failures === 1 || failures % 10 === 0) logger.warn("Weights could not be set; tried again", { failures, error: step.error });
          await clock.sleep(Math.min(params.retryDelayMs * 2 ** (failures - 1), params.maxRetryDelayMs), signal);
          continue;
        }
        failures = 0;
        nextBlock = step.kind === "set" ? step.blockNumber + SETTLED_BLOCKS : step.untilBlock;
      }
    },
  };
  return setter;
}

/** Lets a loop wait for a block number without asking the chain. */
function watchNewest(chain: Pick<ChainClient, "watchBlocks">, signal: AbortSignal): { reach(blockNumber: number): Promise<void> } {
  let newest = 0;
  let waiting: { readonly blockNumber: number; readonly resolve: () => void } | null = null;
  const stop = chain.watchBlocks((block) => {
    // A restarted development chain begins again at a low number: what was waited for may never come.
    const isRegression = block.number < newest;
    newest = block.number;
    if (waiting !== null && (isRegression || newest >= waiting.blockNumber)) waiting.resolve();
  });
  signal.addEventListener("abort", stop, { once: true });
  return {
    reach(blockNumber) {
      if (newest >= blockNumber) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const onAbort = () => reject(signal.reason);
        if (signal.aborted) onAbort();
        signal.addEventListener("abort", onAbort, { once: true });
        waiting = {
          blockNumber,
          resolve: () => {
            waiting = null;
            signal.removeEventListener("abort", onAbort);
            resolve();
          },
        };
      });
    },
  };
}
