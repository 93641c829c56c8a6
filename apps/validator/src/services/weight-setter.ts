import { type ChainClient, ChainError, type ChainSigner, type Metagraph, nameHotkeys, type WeightU16 } from "@vision/chain";
import { VisionError } from "@vision/protocol";
import { planWeights, SETTLED_BLOCKS, type SettledWeights, selectWeights, type WeightFinding } from "../domain/plan-weights.js";
import { prepareWeights } from "../domain/prepare-weights.js";
import type { WeightSetRecord } from "../domain/records/index.js";
import type { WeightParams } from "../domain/weight-params.js";
import type { Clock, Logger, PeriodStore, ScoreStore, ValidatorMetrics, WeightStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { MetagraphSync } from "./metagraph-sync.js";
import { reachBlock, watchNewestBlock } from "./newest-block.js";
import type { RevealWatch } from "./reveal-watch.js";
import type { Scorer } from "./scorer.js";
import { createSteadyState } from "./steady-state.js";
import { createWeightSubmitter } from "./submit-weights.js";
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
  readonly reveals: Pick<RevealWatch, "note" | "forget">;
  readonly guard: DependencyGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ValidatorMetrics;
};

/** A reason that comes and goes is told at most twice in this time. */
const STEADY_MS = 300_000;

const details: Readonly<Record<WeightFinding, string>> = {
  "found-after-failure": "found in a block after a failed call",
  "found-after-restart": "found in a block after a restart",
  "missing-after-restart": "not found in a block of its epoch after a restart",
  dropped: "dropped by a reorganisation",
};

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
  const submitter = createWeightSubmitter({ netuid, versionKey: params.versionKey }, dependencies);

  async function computeWeights(subnet: Metagraph, minAllowedWeights: number, signal: AbortSignal): Promise<readonly WeightU16[]> {
    const newest = await guard.attempt("store", () => store.getNewestPeriod());
    const open = await guard.attempt("store", () => store.getOpenPeriod());
    const newestClosed = newest === null ? 0 : newest.period - (open?.period === newest.period ? 1 : 0);
    if (newestClosed < 1) return [];
    const { report, inputs } = await scorer.score(newestClosed, signal);
    const closedPeriods = new Set(inputs.observations.series.flatMap(({ periods }) => periods.map(({ period }) => period))).size;
    if (closedPeriods < params.minClosedPeriods) return [];
    await guard.attempt("store", () => store.saveEpoch({ period: newestClosed, createdAtMs: clock.nowMs(), report }, inputs));
    return prepareWeights(report, subnet, { minAllowedWeights, ownHotkey: signer.address });
  }

  let areWeightsOpen = false;

  /** Told once: a subnet's owner switches it, nobody here can. */
  function noteCommitReveal(isEnabled: boolean): void {
    if (areWeightsOpen !== isEnabled) return;
    areWeightsOpen = !isEnabled;
    if (areWeightsOpen)
      logger.warn("Commit-reveal is switched off: weights are public the moment they are set, and can be copied", { netuid });
    else logger.info("Commit-reveal is switched on: weights are hidden at first", { netuid });
  }

  function noteSet(blockNumber: number): void {
    metrics.weightsSetTotal.inc();
    metrics.lastWeightsBlock.set(blockNumber);
  }

  async function settle(found: SettledWeights, last: WeightSetRecord | null): Promise<void> {
    const { epochBlock, includedAtBlock, finding, committed } = found;
    if (finding === "dropped") {
      logger.warn("The block with our weights was dropped by the chain; they are set again", { block: last?.includedAtBlock });
      metrics.weightsFailedTotal.inc();
      reveals.forget(epochBlock);
    }
    const state = includedAtBlock === null ? "failed" : "set";
    const detail = details[finding];
    await guard.attempt("store", () => store.finishWeightSet({ netuid, epochBlock, state, includedAtBlock, detail, committed }));
    if (includedAtBlock !== null) {
      noteSet(includedAtBlock);
      if (committed !== null) reveals.note({ epochBlock, includedAtBlock, ...committed });
    }
    if (finding === "found-after-failure") {
      submitter.settle();
      logger.info("Weights set", { block: includedAtBlock, kind: "found after a failed call" });
    } else if (finding !== "dropped") {
      logger.info("Weights of an earlier process are settled", { epochBlock, state });
    }
  }

  async function look(isForced: boolean, signal: AbortSignal): Promise<WeightStep> {
    // Not the last good one: a uid may have changed hands since.
    const subnet = await metagraph.readFresh(signal);
    const { number: blockNumber } = await guard.attempt("chain", () => chain.getBlock({ signal }));
    const hyperparameters = await guard.attempt("chain", () => chain.getHyperparameters(netuid, { signal }));
    noteCommitReveal(hyperparameters.isCommitRevealEnabled);
    const nextEpochBlock = await guard.attempt("chain", () => chain.getNextEpochBlock(netuid, { signal }));
    const left = await guard.attempt("store", () => store.getSubmittingWeightSets(netuid));
    const last = await guard.attempt("store", () => store.getLastWeightSet(netuid));
    const seen = { blockNumber, nextEpochBlock, hyperparameters, seenAtBlock: subnet.blockNumber, own: metagraph.self(subnet) };
    const { settled, decision } = planWeights({ ...seen, uncertain: submitter.uncertain(), left, last, isForced }, params);
    for (const one of settled) await settle(one, last);
    if (decision.kind === "found") return { kind: "set", blockNumber: decision.blockNumber };
    if (decision.kind !== "set") return decision;

    const fresh = await computeWeights(subnet, hyperparameters.minAllowedWeights, signal).catch((error: unknown) => {
      if (signal.aborted || VisionError.isInstance(error, "STORE_UNREACHABLE")) throw error;
      logger.error("Scores could not be computed; the last good weights may have to do", { error });
      return [];
    });
    const { lastUpdateBlock } = decision.own;
    const { maxSilenceBlocks } = params;
    const lastSet = await guard.attempt("store", () => store.getLastWeightSet(netuid));
    const selected = selectWeights(fresh, { last: lastSet, metagraph: subnet, blockNumber, lastUpdateBlock, maxSilenceBlocks });
    if (selected.kind === "none") return { kind: "skipped", reason: "there are no scores to set", untilBlock: blockNumber + 1 };
    if (selected.kind === "last-good") {
      logger.warn("There are no new weights and the silence is long: the last good ones are set again");
    }
    const { weights } = selected;
    const record = { netuid, epochBlock: nextEpochBlock, weights, nowMs: clock.nowMs(), staleAfterMs: params.staleAfterMs };
    const isOurs = await guard.attempt("store", () => store.beginWeightSet(record));
    if (!isOurs) {
      // Looked at again before the epoch ends: the block they are in may be dropped.
      const untilBlock = Math.min(nextEpochBlock, blockNumber + SETTLED_BLOCKS);
      return { kind: "skipped", reason: "weights for this epoch were set already", untilBlock };
    }
    const includedAtBlock = await submitter.submit(decision.own, nextEpochBlock, nameHotkeys(weights, subnet), signal);
    noteSet(includedAtBlock);
    return { kind: "set", blockNumber: includedAtBlock };
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
      const blocks = watchNewestBlock(chain, signal);
      const unset = createSteadyState<string | null>({
        ...{ initial: null, steadyMs: STEADY_MS, clock },
        tell: (reason) => reason !== null && logger.info("Weights are not set", { reason }),
      });
      let failures = 0;
      let nextBlock = 0;
      while (!signal.aborted) {
        await reachBlock(blocks, nextBlock);
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
