import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import type { AccountId } from "../metadata/types/common.js";
import type { State } from "../storage/state.js";
import type { Context } from "./context.js";
import { activityCutoffBlocks } from "./epoch-clock.js";
import { stakeWeights } from "./stake.js";
import { listHotkeys, ownerUid, storageIndex } from "./subnets.js";
import { isCommitExpired } from "./weight-commits.js";
import { runYuma, type U16Cell, type YumaNeuron, type YumaOutcome, type YumaParameters } from "./yuma/yuma.js";

/** What an epoch pays a neuron, in RAO of alpha. */
export type EpochPayment = { readonly hotkey: AccountId; readonly serverRao: bigint; readonly validatorRao: bigint };

function cellsByUid(state: State, item: typeof subtensorStorage.weights, index: number): ReadonlyMap<number, readonly U16Cell[]> {
  return new Map(state.entries(item, index).map(([[, uid], cells]) => [uid, cells]));
}

/** For every hotkey with commits that are still hidden, the block of the oldest. */
function hiddenCommitBlocks(context: Context, netuid: number, index: number): ReadonlyMap<AccountId, bigint> {
  const { state } = context;
  const blocks = new Map<AccountId, bigint>();
  if (!state.get(subtensorStorage.commitRevealWeightsEnabled, netuid)) return blocks;
  const note = (hotkey: AccountId, block: bigint): void => {
    const known = blocks.get(hotkey);
    if (known === undefined || block < known) blocks.set(hotkey, block);
  };
  for (const [[, hotkey], commits] of state.entries(subtensorStorage.weightCommits, index)) {
    const alive = commits.find(([, epoch]) => !isCommitExpired(context, netuid, epoch));
    if (alive !== undefined) note(hotkey, alive[2]);
  }
  for (const [[, epoch], commits] of state.entries(subtensorStorage.timelockedWeightCommits, index)) {
    if (isCommitExpired(context, netuid, epoch)) continue;
    for (const [hotkey, block] of commits) note(hotkey, block);
  }
  return blocks;
}

function readNeurons(context: Context, netuid: number, index: number): readonly YumaNeuron[] {
  const { state } = context;
  const lastUpdates = state.get(subtensorStorage.lastUpdate, index);
  const permits = state.get(subtensorStorage.validatorPermit, netuid);
  const weights = cellsByUid(state, subtensorStorage.weights, index);
  const bonds = cellsByUid(state, subtensorStorage.bonds, index);
  const hidden = hiddenCommitBlocks(context, netuid, index);
  return listHotkeys(state, netuid).map((hotkey, uid) => ({
    stake: stakeWeights(state, hotkey, netuid).total,
    lastUpdateBlock: lastUpdates[uid] ?? 0n,
    registeredAtBlock: state.get(subtensorStorage.blockAtRegistration, netuid, uid),
    hasPermit: permits[uid] ?? false,
    weights: weights.get(uid) ?? [],
    bonds: bonds.get(uid) ?? [],
    commitBlock: hidden.get(hotkey) ?? null,
  }));
}

function readParameters(context: Context, netuid: number, emissionRao: bigint): YumaParameters {
  const { state, blockNumber } = context;
  return {
    currentBlock: BigInt(blockNumber),
    tempoBlocks: BigInt(state.get(subtensorStorage.tempo, netuid)),
    activityCutoffBlocks: activityCutoffBlocks(state, netuid),
    lastStepBlock: state.get(subtensorStorage.lastMechansimStepBlock, netuid),
    stakeThresholdRao: state.get(subtensorStorage.stakeThreshold),
    ownerUid: ownerUid(state, netuid),
    maxValidators: state.get(subtensorStorage.maxAllowedValidators, netuid),
    kappaU16: state.get(subtensorStorage.kappa, netuid),
    bondsPenaltyU16: state.get(subtensorStorage.bondsPenalty, netuid),
    bondsMovingAverage: state.get(subtensorStorage.bondsMovingAverage, netuid),
    isYuma3: state.get(subtensorStorage.yuma3On, netuid),
    emissionRao,
  };
}

function storeMechanism(context: Context, index: number, outcomes: readonly YumaOutcome[]): void {
  const { state } = context;
  state.put(
    subtensorStorage.incentive,
    [index],
    outcomes.map(({ incentiveU16 }) => incentiveU16),
  );
  for (const [uid, { bonds }] of outcomes.entries()) if (bonds !== null) state.put(subtensorStorage.bonds, [index, uid], bonds);
  const emissions = outcomes.map(({ serverEmissionRao }) => serverEmissionRao);
  context.emit({ type: "SubtensorModule", value: [{ type: "IncentiveAlphaEmittedToMiners", value: { netuid: index, emissions } }] });
}

function storeSubnet(state: State, netuid: number, outcomes: readonly YumaOutcome[]): void {
  const column = <T>(pick: (outcome: YumaOutcome) => T): readonly T[] => outcomes.map(pick);
  state.put(
    subtensorStorage.active,
    [netuid],
    column(({ isActive }) => isActive),
  );
  state.put(
    subtensorStorage.emission,
    [netuid],
    column(({ emissionRao }) => emissionRao),
  );
  state.put(
    subtensorStorage.consensus,
    [netuid],
    column(({ consensusU16 }) => consensusU16),
  );
  state.put(
    subtensorStorage.dividends,
    [netuid],
    column(({ dividendsU16 }) => dividendsU16),
  );
  state.put(
    subtensorStorage.validatorTrust,
    [netuid],
    column(({ validatorTrustU16 }) => validatorTrustU16),
  );
  state.put(
    subtensorStorage.validatorPermit,
    [netuid],
    column(({ hasPermit }) => hasPermit),
  );
  state.put(
    subtensorStorage.stakeWeight,
    [netuid],
    column(({ stakeWeightU16 }) => stakeWeightU16),
  );
}

/** Outcomes of all mechanisms as one: payments are summed, shares weighted by what each mechanism pays, flags true if one is. */
function combine(left: YumaOutcome, right: YumaOutcome): YumaOutcome {
  return {
    isActive: left.isActive || right.isActive,
    hasPermit: left.hasPermit || right.hasPermit,
    stakeWeightU16: left.stakeWeightU16 + right.stakeWeightU16,
    consensusU16: left.consensusU16 + right.consensusU16,
    incentiveU16: left.incentiveU16 + right.incentiveU16,
    dividendsU16: left.dividendsU16 + right.dividendsU16,
    validatorTrustU16: left.validatorTrustU16 + right.validatorTrustU16,
    serverEmissionRao: left.serverEmissionRao + right.serverEmissionRao,
    validatorEmissionRao: left.validatorEmissionRao + right.validatorEmissionRao,
    emissionRao: left.emissionRao + right.emissionRao,
    bonds: null,
  };
}

function scale(outcome: YumaOutcome, shareU16: number): YumaOutcome {
  const part = (value: number): number => Math.floor((value * shareU16) / 65_535);
  return {
    ...outcome,
    stakeWeightU16: part(outcome.stakeWeightU16),
    consensusU16: part(outcome.consensusU16),
    incentiveU16: part(outcome.incentiveU16),
    dividendsU16: part(outcome.dividendsU16),
    validatorTrustU16: part(outcome.validatorTrustU16),
    emissionRao: (outcome.emissionRao * BigInt(shareU16)) / 65_535n,
  };
}

/** What every mechanism of a subnet pays, as shares of 65535 that sum to it: as configured, or evenly with the rest on the first. */
function mechanismShares(state: State, netuid: number): readonly number[] {
  const count = state.get(subtensorStorage.mechanismCountCurrent, netuid);
  const configured = state.get(subtensorStorage.mechanismEmissionSplit, netuid);
  if (configured !== null && configured.length === count) return configured;
  const even = Math.floor(65_535 / count);
  return Array.from({ length: count }, (_, mechanism) => (mechanism === 0 ? 65_535 - even * (count - 1) : even));
}

/**
 * Runs the epoch of a subnet: Yuma consensus for each of its mechanisms, results into storage.
 *
 * With one mechanism this is the chain's arithmetic to the last bit. With more, the shares that are averaged over mechanisms are rounded more
 * simply than there.
 *
 * @param emissionRao - Alpha to be paid to miners and validators together.
 */
export function runEpoch(context: Context, netuid: number, emissionRao: bigint): readonly EpochPayment[] {
  const { state } = context;
  const shares = mechanismShares(state, netuid);
  const perMechanism = shares.map((shareU16, mechanism) => {
    const index = storageIndex(netuid, mechanism);
    const rao = shares.length === 1 ? emissionRao : (emissionRao * BigInt(shareU16)) / 65_535n;
    const outcomes = runYuma(readNeurons(context, netuid, index), readParameters(context, netuid, rao));
    storeMechanism(context, index, outcomes);
    return shares.length === 1 ? outcomes : outcomes.map((outcome) => scale(outcome, shareU16));
  });
  const combined = perMechanism.reduce((left, right) =>
    left.map((outcome, uid) => {
      const other = right[uid];
      return other === undefined ? outcome : combine(outcome, other);
    }),
  );
  storeSubnet(state, netuid, combined);
  return listHotkeys(state, netuid).map((hotkey, uid) => ({
    hotkey,
    serverRao: combined[uid]?.serverEmissionRao ?? 0n,
    validatorRao: combined[uid]?.validatorEmissionRao ?? 0n,
  }));
}
