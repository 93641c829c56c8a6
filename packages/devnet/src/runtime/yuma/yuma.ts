import {
  add,
  divide,
  divide64,
  fromInteger,
  type I32F32,
  type I64F64,
  multiply,
  narrow,
  ONE,
  proportionToU16,
  subtract,
  sum,
} from "./fixed.js";
import {
  clipColumns,
  filterCells,
  interpolate,
  movingAverage,
  normalise,
  normaliseBy,
  normaliseColumns,
  normaliseRows,
  rowSums,
  type SparseMatrix,
  scaleColumns,
  scaleRows,
  upscaleColumns,
  weightedColumnSums,
  weightedRowSums,
} from "./sparse.js";
import { weightedMedianByColumn } from "./weighted-median.js";

/** A weight or a bond as storage holds it: uid and share of 65535. */
export type U16Cell = readonly [uid: number, valueU16: number];

/** A neuron as an epoch sees it; the index in the list is its uid. */
export type YumaNeuron = {
  /** Stake that counts, in RAO, with 64 bits after the point. */
  readonly stake: I64F64;
  readonly lastUpdateBlock: bigint;
  readonly registeredAtBlock: bigint;
  readonly hasPermit: boolean;
  readonly weights: readonly U16Cell[];
  readonly bonds: readonly U16Cell[];
  /** Block of the oldest commit that is still hidden, `null` without one: weights on neurons registered after it do not count. */
  readonly commitBlock: bigint | null;
};

/** What an epoch depends on beside its neurons. */
export type YumaParameters = {
  readonly currentBlock: bigint;
  readonly tempoBlocks: bigint;
  readonly activityCutoffBlocks: bigint;
  /** Block of the last epoch that ran, 0 if none did. */
  readonly lastStepBlock: bigint;
  readonly stakeThresholdRao: bigint;
  readonly ownerUid: number | null;
  readonly maxValidators: number;
  readonly kappaU16: number;
  readonly bondsPenaltyU16: number;
  /** Millionths of the old bonds that stay. */
  readonly bondsMovingAverage: bigint;
  readonly isYuma3: boolean;
  /** Alpha to be paid, in RAO. */
  readonly emissionRao: bigint;
};

/** What an epoch decided for one neuron. Shares are of 65535; emissions in RAO. */
export type YumaOutcome = {
  readonly isActive: boolean;
  readonly hasPermit: boolean;
  readonly stakeWeightU16: number;
  readonly consensusU16: number;
  readonly incentiveU16: number;
  readonly dividendsU16: number;
  readonly validatorTrustU16: number;
  readonly serverEmissionRao: bigint;
  readonly validatorEmissionRao: bigint;
  readonly emissionRao: bigint;
  /** New bonds; `null` keeps the stored ones. */
  readonly bonds: readonly U16Cell[] | null;
};

const u16Maximum = fromInteger(65_535n);

function fromU16Share(shareU16: number): I32F32 {
  return divide(fromInteger(BigInt(shareU16)), u16Maximum);
}

function toMatrix(rows: readonly (readonly U16Cell[])[]): SparseMatrix {
  return rows.map((cells) => cells.map(([column, value]) => ({ column, value: fromInteger(BigInt(value)) })));
}

/** Stake as shares that sum to 1; stake below the threshold does not count, except the owner's. */
function stakeShares(neurons: readonly YumaNeuron[], parameters: YumaParameters): readonly I32F32[] {
  const counted = neurons.map(({ stake }, uid) =>
    uid !== parameters.ownerUid && stake >> 64n < parameters.stakeThresholdRao ? 0n : stake,
  );
  const total = counted.reduce((all, stake) => all + stake, 0n);
  return counted.map((stake) => narrow(total === 0n ? stake : divide64(stake, total)));
}

/** Permits for the `count` largest stakes that are not 0; among equals the higher uid goes first. */
export function selectPermits(shares: readonly I32F32[], count: number): readonly boolean[] {
  const permits = shares.map((share) => share !== 0n);
  if (shares.length < count) return permits;
  const ascending = [...shares.keys()].sort((left, right) => compare(shares[left] ?? 0n, shares[right] ?? 0n) || left - right);
  for (const uid of ascending.slice(0, shares.length - count)) permits[uid] = false;
  return permits;
}

function compare(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function maskWeights(neurons: readonly YumaNeuron[], parameters: YumaParameters, permits: readonly boolean[]): SparseMatrix {
  const raw = toMatrix(neurons.map((neuron, uid) => (permits[uid] === true ? neuron.weights : [])));
  const registeredAt = (uid: number): bigint => neurons[uid]?.registeredAtBlock ?? 0n;
  const masked = filterCells(raw, (row, column) => {
    const validator = neurons[row];
    if (validator === undefined || column >= neurons.length) return false;
    if (row === column && row !== parameters.ownerUid) return false;
    if (validator.lastUpdateBlock <= registeredAt(column)) return false;
    return validator.commitBlock === null || validator.commitBlock >= registeredAt(column);
  });
  return normaliseRows(masked);
}

type Bonding = { readonly dividends: readonly I32F32[]; readonly bonds: SparseMatrix };

function bondYuma3(options: BondInputs): Bonding {
  const { parameters, bonds, weightsForBonds, activeStake, incentive } = options;
  const count = incentive.length;
  const old = bonds.map((cells) => cells.map(({ column, value }) => ({ column, value: divide(value, u16Maximum) })));
  const next = movingAverage(weightsForBonds, old, bondShare(parameters));
  const perValidator = rowSums(scaleColumns(normaliseColumns(next, count), incentive));
  return { dividends: normalise(perValidator.map((value, uid) => multiply(value, activeStake[uid] ?? 0n))), bonds: next };
}

function bondYuma2(options: BondInputs): Bonding {
  const { parameters, bonds, weightsForBonds, activeStake, incentive } = options;
  const count = incentive.length;
  const fresh = normaliseColumns(scaleRows(weightsForBonds, activeStake), count);
  const next = normaliseColumns(movingAverage(fresh, normaliseColumns(bonds, count), bondShare(parameters)), count);
  return { dividends: normalise(weightedRowSums(next, incentive)), bonds: upscaleColumns(next, count) };
}

type BondInputs = {
  readonly parameters: YumaParameters;
  readonly bonds: SparseMatrix;
  readonly weightsForBonds: SparseMatrix;
  readonly activeStake: readonly I32F32[];
  readonly incentive: readonly I32F32[];
};

/** Share of the fresh bonds: 1 minus the moving average, which the chain first brings to 64 and then to 32 bits. */
function bondShare(parameters: YumaParameters): I32F32 {
  return subtract(ONE, narrow(divide64(parameters.bondsMovingAverage << 64n, 1_000_000n << 64n)));
}

function emissionShares(incentive: readonly I32F32[], dividends: readonly I32F32[], fallback: readonly I32F32[]) {
  const combined = incentive.map((value, uid) => add(value, dividends[uid] ?? 0n));
  const total = sum(combined);
  if (total === 0n) return { server: incentive, validator: fallback, combined: fallback };
  return { server: normaliseBy(incentive, total), validator: normaliseBy(dividends, total), combined: normaliseBy(combined, total) };
}

/**
 * One epoch of Yuma consensus: who is a validator, what they agree on, what miners earn for it and validators for having agreed.
 *
 * Integers throughout. Formulas, their order and their roundings are those of `epoch_mechanism` in pallets/subtensor/src/epoch/run_epoch.rs of
 * spec 425, for Yuma 3 and for the older bonds; liquid alpha is not implemented. `test/subtensor-epochs.test.ts` holds it to the numbers that
 * subtensor's own tests expect and print, to the last digit that they have.
 *
 * @param neurons - In order of uid, none missing.
 * @returns One outcome a neuron, in order of uid.
 */
export function runYuma(neurons: readonly YumaNeuron[], parameters: YumaParameters): readonly YumaOutcome[] {
  const count = neurons.length;
  const isActive = neurons.map(({ lastUpdateBlock }) => lastUpdateBlock + parameters.activityCutoffBlocks >= parameters.currentBlock);
  const stake = stakeShares(neurons, parameters);
  const permits = neurons.map(({ hasPermit }, uid) => hasPermit || uid === parameters.ownerUid);
  const nextPermits = selectPermits(stake, parameters.maxValidators).map((permit, uid) => permit || uid === parameters.ownerUid);
  const activeStake = normalise(stake.map((share, uid) => (isActive[uid] === true && permits[uid] === true ? share : 0n)));

  const weights = maskWeights(neurons, parameters, permits);
  const consensus = weightedMedianByColumn(activeStake, weights, { columns: count, majority: fromU16Share(parameters.kappaU16) });
  const clipped = clipColumns(weights, consensus);
  const validatorTrust = rowSums(clipped);
  const incentive = normalise(weightedColumnSums(clipped, activeStake, count));

  const bondsSince =
    parameters.lastStepBlock === 0n ? max(parameters.currentBlock - parameters.tempoBlocks, 0n) : parameters.lastStepBlock + 1n;
  const bonds = filterCells(
    toMatrix(neurons.map((neuron) => neuron.bonds)),
    (_row, column) => bondsSince > (neurons[column]?.registeredAtBlock ?? 0n),
  );
  const weightsForBonds = interpolate(weights, clipped, { columns: count, ratio: fromU16Share(parameters.bondsPenaltyU16) });
  const bond = parameters.isYuma3 ? bondYuma3 : bondYuma2;
  const bonding = bond({ parameters, bonds, weightsForBonds, activeStake, incentive });

  const shares = emissionShares(incentive, bonding.dividends, sum(activeStake) === 0n ? stake : activeStake);
  const pay = (share: I32F32 | undefined): bigint => ((share ?? 0n) * parameters.emissionRao) >> 32n;
  return neurons.map((_, uid) => ({
    isActive: isActive[uid] ?? false,
    hasPermit: nextPermits[uid] ?? false,
    stakeWeightU16: proportionToU16(stake[uid] ?? 0n),
    consensusU16: proportionToU16(consensus[uid] ?? 0n),
    incentiveU16: proportionToU16(incentive[uid] ?? 0n),
    dividendsU16: proportionToU16(bonding.dividends[uid] ?? 0n),
    validatorTrustU16: proportionToU16(validatorTrust[uid] ?? 0n),
    serverEmissionRao: pay(shares.server[uid]),
    validatorEmissionRao: pay(shares.validator[uid]),
    emissionRao: pay(shares.combined[uid]),
    bonds: bondsToStore({ permitted: nextPermits[uid] ?? false, wasPermitted: permits[uid] ?? false, row: bonding.bonds[uid] ?? [] }),
  }));
}

function bondsToStore(options: {
  readonly permitted: boolean;
  readonly wasPermitted: boolean;
  readonly row: SparseMatrix[number];
}): readonly U16Cell[] | null {
  if (options.permitted) return options.row.map(({ column, value }) => [column, proportionToU16(value)]);
  return options.wasPermitted ? [] : null;
}

function max(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
