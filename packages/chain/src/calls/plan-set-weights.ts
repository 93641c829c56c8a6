import type { ChainError } from "../errors/chain-error.js";
import { rejectionError } from "../errors/rejection.js";
import type { Hyperparameters, Metagraph, WeightU16 } from "../port.js";
import { validateWeights } from "../weights/validate-weights.js";

/** What the checks before setting weights look at. */
export type SetWeightsFacts = {
  readonly call: string;
  readonly hotkey: string;
  readonly weights: readonly WeightU16[];
  readonly versionKey: bigint;
  readonly metagraph: Metagraph;
  readonly hyperparameters: Hyperparameters;
  /** Block of the last weights of this neuron in the mechanism at hand; 0 when never. */
  readonly lastUpdateBlock: number;
  readonly blockSeconds: number;
};

/**
 * Checks what the chain will check, in its order, before anything is sent.
 *
 * @returns The setter's uid.
 * @throws {@link ChainError} `CHAIN_REJECTED` with the chain's own name, or `CHAIN_INVALID_WEIGHTS`.
 */
export function checkSetWeights(facts: SetWeightsFacts): number {
  const { metagraph, hyperparameters, hotkey, weights } = facts;
  const refuse = (chainName: string, retryAfterBlocks: number | null = null): ChainError =>
    rejectionError(chainName, { call: facts.call, retryAfterBlocks, blockSeconds: facts.blockSeconds });
  if (metagraph.netuid === 0) throw refuse("CanNotSetRootNetworkWeights");
  const neuron = metagraph.neurons.find((candidate) => candidate.hotkey === hotkey);
  if (neuron === undefined) throw refuse("HotKeyNotRegisteredInSubNet");
  const isOwner = metagraph.ownerHotkey === hotkey;
  if (neuron.stakeRao < hyperparameters.stakeThresholdRao && !isOwner) throw refuse("NotEnoughStakeToSetWeights");
  if (hyperparameters.weightsVersionKey !== 0n && facts.versionKey < hyperparameters.weightsVersionKey)
    throw refuse("IncorrectWeightVersionKey");
  const waitBlocks = rateLimitWaitBlocks(facts);
  if (waitBlocks > 0)
    throw refuse(hyperparameters.isCommitRevealEnabled ? "CommittingWeightsTooFast" : "SettingWeightsTooFast", waitBlocks);
  const isSelfWeight = weights.length === 1 && weights[0]?.uid === neuron.uid;
  if (!neuron.hasValidatorPermit && !isSelfWeight && !isOwner) throw refuse("NeuronNoValidatorPermit");
  validateWeights(weights, {
    neuronCount: metagraph.neurons.length,
    minAllowedWeights: hyperparameters.minAllowedWeights,
    ownUid: neuron.uid,
  });
  return neuron.uid;
}

/** Blocks until the rate limit lets the next weights in; 0 when it does now. They land in the next block at the earliest. */
export function rateLimitWaitBlocks(facts: Pick<SetWeightsFacts, "metagraph" | "hyperparameters" | "lastUpdateBlock">): number {
  if (facts.lastUpdateBlock === 0) return 0;
  return Math.max(0, facts.lastUpdateBlock + facts.hyperparameters.weightsRateLimitBlocks - (facts.metagraph.blockNumber + 1));
}
