import { toWeightsU16 } from "@vision/chain/weights";
import { runYuma, type U16Cell, type YumaOutcome } from "@vision/devnet/yuma";

/** What validators have on chain in one epoch: for each, weight by miner, in the order of the miners; any scale. */
export type WeightRows = readonly (readonly number[])[];

/** Alpha of an epoch, RAO; only shares of it are looked at. */
const EMISSION_RAO = 1_000_000_000n;

// A new subnet's settings on the chain.
const parameters = {
  ...{ tempoBlocks: 360n, activityCutoffBlocks: 5_000n, stakeThresholdRao: 0n, ownerUid: null, maxValidators: 64 },
  ...{ kappaU16: 32_767, bondsPenaltyU16: 65_535, bondsMovingAverage: 900_000n, isYuma3: true, emissionRao: EMISSION_RAO },
};

/**
 * Runs epochs of the chain's consensus, one after the other, with the bonds of those before.
 *
 * @param stakes - Of each validator, any scale above 0. Miners have none.
 * @returns Outcome of each validator in each epoch.
 */
export function runEpochs(stakes: readonly number[], epochs: readonly WeightRows[]): readonly (readonly YumaOutcome[])[] {
  const minerCount = epochs[0]?.[0]?.length ?? 0;
  const count = stakes.length + minerCount;
  let bonds: readonly (readonly U16Cell[])[] = Array.from({ length: count }, () => []);
  return epochs.map((rows, index) => {
    const block = BigInt(index + 1) * parameters.tempoBlocks;
    const neurons = Array.from({ length: count }, (_, uid) => ({
      stake: BigInt(Math.round((stakes[uid] ?? 0) * 1e12)) << 64n,
      lastUpdateBlock: block,
      registeredAtBlock: 0n,
      hasPermit: uid < stakes.length,
      weights: toCells(rows[uid] ?? [], stakes.length),
      bonds: bonds[uid] ?? [],
      commitBlock: null,
    }));
    const outcomes = runYuma(neurons, { ...parameters, currentBlock: block, lastStepBlock: block - parameters.tempoBlocks });
    bonds = outcomes.map((outcome, uid) => outcome.bonds ?? bonds[uid] ?? []);
    return outcomes.slice(0, stakes.length);
  });
}

/** As they are set: miners have the uids behind the validators'. */
function toCells(weights: readonly number[], firstUid: number): readonly U16Cell[] {
  return toWeightsU16(new Map(weights.map((weight, miner) => [firstUid + miner, weight]))).map(({ uid, weightU16 }) => [uid, weightU16]);
}
