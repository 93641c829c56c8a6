import { add, type I32F32, subtract, sum } from "./fixed.js";
import { normalise, type SparseMatrix } from "./sparse.js";

/** Stake below, at and above the range of scores that is still searched. */
type Partition = { readonly members: readonly number[]; readonly low: I32F32; readonly high: I32F32 };

/**
 * The largest score that stake of more than `1 - minority` stands behind: the pivot at which the stake of the lower scores reaches the minority.
 *
 * Follows the chain's partition search, with its choice of pivot, so that ties and rounding fall the same way.
 */
function weightedMedian(stake: readonly I32F32[], score: readonly I32F32[], minority: I32F32): I32F32 {
  let partition: Partition = { members: stake.map((_, index) => index), low: 0n, high: sum(stake) };
  for (let round = 0; round <= stake.length; round += 1) {
    const { members, low, high } = partition;
    const middle = members[Math.floor(members.length / 2)];
    if (middle === undefined) return 0n;
    const pivot = score[middle] ?? 0n;
    if (members.length === 1) return pivot;
    const lower: number[] = [];
    const upper: number[] = [];
    let lowerStake = 0n;
    let upperStake = 0n;
    for (const index of members) {
      const value = score[index] ?? 0n;
      if (value < pivot) {
        lowerStake = add(lowerStake, stake[index] ?? 0n);
        lower.push(index);
      } else if (value > pivot) {
        upperStake = add(upperStake, stake[index] ?? 0n);
        upper.push(index);
      }
    }
    const lowEnd = add(low, lowerStake);
    const highStart = subtract(high, upperStake);
    if (minority < lowEnd && lower.length > 0) partition = { members: lower, low, high: lowEnd };
    else if (highStart <= minority && upper.length > 0) partition = { members: upper, low: highStart, high };
    else return pivot;
  }
  return 0n;
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
  const minority = subtract(sum(voterStake), options.majority);
  const scores = Array.from({ length: options.columns }, () => new Array<I32F32>(voters.length).fill(0n));
  for (const [position, row] of voters.entries()) {
    for (const { column, value } of weights[row] ?? []) {
      const scoresOfColumn = scores[column];
      if (scoresOfColumn !== undefined) scoresOfColumn[position] = value;
    }
  }
  return scores.map((score) => weightedMedian(voterStake, score, minority));
}
