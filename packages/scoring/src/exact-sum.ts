// Terms rounded to multiples of 2^-30 add up exactly, so a sum is the same in any order of its terms, without sorting them.
const GRID = 2 ** 30;

/** A value on the grid on which sums are exact. */
export function onGrid(value: number): number {
  return Math.round(value * GRID) / GRID;
}

/** A sum that does not depend on the order of its terms. Terms stay below 2^20 or so. */
export function createExactSum(): { add(value: number): void; total(): number } {
  let sum = 0;
  return {
    add(value) {
      sum += onGrid(value);
    },
    total: () => sum,
  };
}
