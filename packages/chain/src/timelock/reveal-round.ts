import { DEFAULT_BLOCK_SECONDS } from "../errors/describe-blocks.js";
import { type DrandBeacon, quicknet, roundAtSeconds } from "./drand.js";

/** Blocks into the reveal epoch at which the round must be out, so that its pulse is on chain when the reveal runs. */
const MARGIN_BLOCKS = 3;

/** What {@link revealBlockOfStatefulEpochs} needs. */
export type StatefulEpochs = {
  /** The newest block; the commit lands in the one after it. */
  readonly blockNumber: number;
  /** First block of the next epoch, as `get_next_epoch_start_block` says. */
  readonly nextEpochBlock: number;
  readonly tempoBlocks: number;
  readonly revealPeriodEpochs: number;
};

/**
 * Block at which a commit can be opened on runtimes with stateful epochs (spec 424 and later), three blocks into the reveal epoch.
 * A commit that lands on the very first block of an epoch belongs to that epoch, so its reveal is one tempo later.
 */
export function revealBlockOfStatefulEpochs(epochs: StatefulEpochs): number {
  const landsAtBlock = epochs.blockNumber + 1;
  const tempo = Math.max(1, epochs.tempoBlocks);
  const missed = landsAtBlock >= epochs.nextEpochBlock ? 1 : 0;
  const nextEpochBlock = missed === 1 ? Math.max(epochs.nextEpochBlock, landsAtBlock) + tempo : epochs.nextEpochBlock;
  return nextEpochBlock + (epochs.revealPeriodEpochs - 1) * tempo + MARGIN_BLOCKS;
}

/** First block of the next epoch from storage: the last epoch plus the tempo, or an earlier trigger by the owner; never in the past. */
export function nextStatefulEpochBlock(state: {
  readonly blockNumber: number;
  readonly lastEpochBlock: number;
  /** Block of a trigger by the subnet's owner; 0 when there is none. */
  readonly pendingEpochBlock: number;
  readonly tempoBlocks: number;
}): number {
  const regular = state.lastEpochBlock + state.tempoBlocks;
  const due = state.pendingEpochBlock > 0 ? Math.min(regular, state.pendingEpochBlock) : regular;
  return Math.max(due, state.blockNumber + 1);
}

/** First block of the next epoch on runtimes before stateful epochs: an epoch ends when `(block + netuid + 1) mod (tempo + 1)` is 0. */
export function nextModuloEpochBlock(blockNumber: number, netuid: number, tempoBlocks: number): number {
  const length = tempoBlocks + 1;
  return (Math.floor((blockNumber + netuid + 1) / length) + 1) * length - (netuid + 1);
}

/** Block at which a commit can be opened on runtimes before stateful epochs, as the Python package computes it there. */
export function revealBlockOfModuloEpochs(epochs: {
  readonly blockNumber: number;
  readonly netuid: number;
  readonly tempoBlocks: number;
  readonly revealPeriodEpochs: number;
}): number {
  const length = epochs.tempoBlocks + 1;
  const epoch = Math.floor((epochs.blockNumber + epochs.netuid + 1) / length);
  return (epoch + epochs.revealPeriodEpochs) * length - (epochs.netuid + 1) + MARGIN_BLOCKS;
}

/**
 * The beacon round that is out when a block is made.
 *
 * @param options - `nowSeconds` is the unix time of the newest block; `blockSeconds` defaults to 12.
 */
export function roundAtBlock(
  revealBlock: number,
  options: { readonly blockNumber: number; readonly nowSeconds: number; readonly blockSeconds?: number; readonly beacon?: DrandBeacon },
): number {
  const waitSeconds = (revealBlock - options.blockNumber) * (options.blockSeconds ?? DEFAULT_BLOCK_SECONDS);
  return roundAtSeconds(options.nowSeconds + waitSeconds, options.beacon ?? quicknet);
}
