import {
  type ChainClient,
  ChainError,
  type ChainSigner,
  type HotkeyWeight,
  isSameWeights,
  type Neuron,
  type SetWeightsResult,
} from "@vision/chain";
import { VisionError } from "@vision/protocol";
import type { UncertainCall } from "../domain/plan-weights.js";
import type { Logger, WeightStore } from "../ports/index.js";
import type { DependencyGuard } from "./dependency-guard.js";
import type { RevealWatch } from "./reveal-watch.js";

/** Hands weights over to the chain, and writes down what became of them. */
export type WeightSubmitter = {
  /** The last call whose answer got lost; the chain tells by the block of our last update what became of it. */
  uncertain(): UncertainCall | null;
  /** It is known what became of it. */
  settle(): void;
  /** Returns the block that they are in. What fails is on record as failed, and thrown; what was stopped stays open. */
  submit(own: Neuron, epochBlock: number, weights: readonly HotkeyWeight[], signal: AbortSignal): Promise<number>;
};

/** What the submitter works with. */
export type WeightSubmitterDependencies = {
  readonly chain: Pick<ChainClient, "getWeights" | "setWeights">;
  readonly store: Pick<WeightStore, "finishWeightSet">;
  readonly signer: ChainSigner;
  readonly reveals: Pick<RevealWatch, "note">;
  readonly guard: DependencyGuard;
  readonly logger: Logger;
};

/** A submitter that remembers a call without an answer. */
export function createWeightSubmitter(
  options: { readonly netuid: number; readonly versionKey: bigint },
  dependencies: WeightSubmitterDependencies,
): WeightSubmitter {
  const { netuid, versionKey } = options;
  const { chain, store, signer, reveals, guard, logger } = dependencies;
  let uncertain: UncertainCall | null = null;

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

  return {
    uncertain: () => uncertain,
    settle() {
      uncertain = null;
    },
    async submit(own, epochBlock, weights, signal) {
      const key = { netuid, epochBlock };
      uncertain = { epochBlock, lastUpdateBlock: own.lastUpdateBlock, weights: weights.map(({ uid, weightU16 }) => ({ uid, weightU16 })) };
      try {
        const result = await guard.attempt("chain", () => chain.setWeights({ netuid, weights, versionKey, signer }, { signal }));
        if (result.dropped.length > 0) {
          logger.warn("Weights of uids that changed hands were left out", { uids: result.dropped.map(({ uid }) => uid) });
        }
        const includedAtBlock = result.blockNumber;
        const committed = result.kind === "committed" ? { revealBlock: result.revealBlock, weights: result.weights } : null;
        if (committed !== null) reveals.note({ epochBlock, includedAtBlock, ...committed });
        // From here on there is an answer; what is wrong with it is another matter.
        uncertain = null;
        const detail = await confirm(own.uid, result, signal).catch((error: unknown) => {
          if (VisionError.isInstance(error, "CHAIN_REJECTED")) throw error;
          return `not confirmed: ${error instanceof Error ? error.message : String(error)}`;
        });
        await guard.untilUp("store", () => store.finishWeightSet({ ...key, state: "set", includedAtBlock, detail, committed }), signal);
        logger.info("Weights set", { block: includedAtBlock, kind: result.kind, weightCount: weights.length });
        if (detail !== null && result.kind === "set") logger.warn("Weights could not be confirmed", { block: includedAtBlock, detail });
        return includedAtBlock;
      } catch (error) {
        // Told to stop, this process waits for no answer any more: what became of the call is for the next one to find on the chain.
        if (signal.aborted) throw error;
        const detail = error instanceof Error ? error.message : String(error);
        await store.finishWeightSet({ ...key, state: "failed", includedAtBlock: null, detail }).catch(() => undefined);
        if (!ChainError.isInstance(error, "CHAIN_TIMEOUT") && !ChainError.isInstance(error, "CHAIN_UNREACHABLE")) uncertain = null;
        throw error;
      }
    },
  };
}
