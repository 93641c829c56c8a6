import { type I32F32, subtract, sum } from "./fixed.js";
import { normalise, type SparseMatrix } from "./sparse.js";

/** Stake below, at and above the range of scores that is still searched. */
type Partition = { readonly members: readonly number[]; readonly low: number; readonly high: number };

/**
 * The largest score that stake of more than `1 - minority` stands behind: the pivot at which the stake of the lower scores reaches the minority.
 *
 * Follows the chain's partition search, with its choice of pivot, so that ties and rounding fall the same way. Raw bits of shares are whole numbers
 * up to 2^32 and sums of them stay far below 2^53, so plain numbers are exact here and several times faster.
 */
function weightedMedian(stake: readonly number[], score: readonly number[], minority: number): number {
  let partition: Partition = { members: [...stake.keys()], low: 0, high: stake.reduce((total, each) => total + each, 0) };
  for (let round = 0; round <= stake.length; round += 1) {
    const { members, low, high } = partition;
    const middle = members[Math.floor(members.length / 2)];
    if (middle === undefined) return 0;
    const pivot = score[middle] ?? 0;
    if (members.length === 1) return pivot;
    const lower: number[] = [];
    const upper: number[] = [];
    let lowerStake = 0;
    let upperStake = 0;
    for (const index of members) {
      const value = score[index] ?? 0;
      if (value < pivot) {
        lowerStake += stake[index] ?? 0;
        lower.push(index);
      } else if (value > pivot) {
        upperStake += stake[index] ?? 0;
        upper.push(index);
      }
    }
    const lowEnd = low + lowerStake;
    const highStart = high - upperStake;
    if (minority < lowEnd && lower.length > 0) partition = { members: lower, low, high: lowEnd };
    else if (highStart <= minority && upper.length > 0) partition = { members: upper, low: highStart, high };
    else return pivot;
  }
  return 0;
}

/**
 * The consensus weight of every column: the stake-weighted median of what validators with stake gave it; a missing cell counts as 0.
 *
 * @param stake - By row; rows without stake are left out.
 * @param majority - Kappa: share of stake that has to stand behind a weight.
 */
export function weightedMedianByColumn(
  stake: readonly I32F32[],
  weights: SparseMatrix,
  options: { readonly columns: number; readonly majority: I32F32 },
): readonly I32F32[] {
  const voters = [...stake.keys()].filter((row) => (stake[row] ?? 0n) > 0n);
  const voterStake = normalise(voters.map((row) => stake[row] ?? 0n));
  const minority = Number(subtract(sum(voterStake), options.majority));
  const scores = Array.from({ length: options.columns }, () => new Array<number>(voters.length).fill(0));
  for (const [position, row] of voters.entries()) {
    for (const { column, value } of weights[row] ?? []) {
      const scoresOfColumn = scores[column];
      if (scoresOfColumn !== undefined) scoresOfColumn[position] = Number(value);
    }
  }
  const stakeNumbers = voterStake.map(Number);
  return scores.map((score) => BigInt(weightedMedian(stakeNumbers, score, minority)));
}
