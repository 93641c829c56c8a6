import { add, divide, type I32F32, multiply, ONE, subtract, sum } from "./fixed.js";

/** One cell of a sparse row. */
export type Cell = { readonly column: number; readonly value: I32F32 };

/** A matrix by rows; a row lists the cells that are there, in any order of columns. */
export type SparseMatrix = readonly (readonly Cell[])[];

/** Values divided by their sum; unchanged when the sum is 0. */
export function normalise(values: readonly I32F32[]): readonly I32F32[] {
  return normaliseBy(values, sum(values));
}

/** Values divided by `total`; unchanged when it is 0. */
export function normaliseBy(values: readonly I32F32[], total: I32F32): readonly I32F32[] {
  return total === 0n ? values : values.map((value) => divide(value, total));
}

/** Keeps the cells for which `keep` says so. */
export function filterCells(matrix: SparseMatrix, keep: (row: number, column: number) => boolean): SparseMatrix {
  return matrix.map((cells, row) => cells.filter(({ column }) => keep(row, column)));
}

function mapCells(matrix: SparseMatrix, change: (value: I32F32, row: number, column: number) => I32F32): SparseMatrix {
  return matrix.map((cells, row) => cells.map(({ column, value }) => ({ column, value: change(value, row, column) })));
}

/** Every row divided by its sum; rows that sum to 0 stay. */
export function normaliseRows(matrix: SparseMatrix): SparseMatrix {
  const totals = rowSums(matrix);
  return mapCells(matrix, (value, row) => {
    const total = totals[row] ?? 0n;
    return total > 0n ? divide(value, total) : value;
  });
}

/** Sum of every row. */
export function rowSums(matrix: SparseMatrix): readonly I32F32[] {
  return matrix.map((cells) => {
    let total = 0n;
    for (const { value } of cells) total = add(total, value);
    return total;
  });
}

/** Every column divided by its sum; columns that sum to 0 stay. */
export function normaliseColumns(matrix: SparseMatrix, columns: number): SparseMatrix {
  const totals = new Array<I32F32>(columns).fill(0n);
  for (const cells of matrix)
    for (const { column, value } of cells) if (column < columns) totals[column] = add(totals[column] ?? 0n, value);
  return divideColumns(matrix, totals);
}

/** Every column divided by its largest value; columns of zeros stay. */
export function upscaleColumns(matrix: SparseMatrix, columns: number): SparseMatrix {
  const largest = new Array<I32F32>(columns).fill(0n);
  for (const cells of matrix) for (const { column, value } of cells) if (value > (largest[column] ?? 0n)) largest[column] = value;
  return divideColumns(matrix, largest);
}

function divideColumns(matrix: SparseMatrix, divisors: readonly I32F32[]): SparseMatrix {
  return mapCells(matrix, (value, _row, column) => {
    const divisor = divisors[column] ?? 0n;
    return divisor === 0n ? value : divide(value, divisor);
  });
}

/** Every row times its factor. */
export function scaleRows(matrix: SparseMatrix, factors: readonly I32F32[]): SparseMatrix {
  return mapCells(matrix, (value, row) => multiply(value, factors[row] ?? 0n));
}

/** Every column times its factor; products of 0 are left out. */
export function scaleColumns(matrix: SparseMatrix, factors: readonly I32F32[]): SparseMatrix {
  return mapCells(matrix, (value, _row, column) => multiply(value, factors[column] ?? 0n)).map((cells) =>
    cells.filter(({ value }) => value !== 0n),
  );
}

/** Sum over rows of row factor x cell, by column. */
export function weightedColumnSums(matrix: SparseMatrix, rowFactors: readonly I32F32[], columns: number): readonly I32F32[] {
  const totals = new Array<I32F32>(columns).fill(0n);
  for (const [row, cells] of matrix.entries()) {
    const factor = rowFactors[row] ?? 0n;
    for (const { column, value } of cells) if (column < columns) totals[column] = add(totals[column] ?? 0n, multiply(factor, value));
  }
  return totals;
}

/** Sum over columns of cell x column factor, by row. */
export function weightedRowSums(matrix: SparseMatrix, columnFactors: readonly I32F32[]): readonly I32F32[] {
  return matrix.map((cells) => {
    let total = 0n;
    for (const { column, value } of cells) total = add(total, multiply(columnFactors[column] ?? 0n, value));
    return total;
  });
}

/** Cells cut to the threshold of their column; a cell above a threshold of 0 is left out. */
export function clipColumns(matrix: SparseMatrix, thresholds: readonly I32F32[]): SparseMatrix {
  return matrix.map((cells) =>
    cells.flatMap((cell) => {
      const threshold = thresholds[cell.column] ?? 0n;
      if (threshold >= cell.value) return [cell];
      return threshold > 0n ? [{ column: cell.column, value: threshold }] : [];
    }),
  );
}

/** `first + ratio x (second - first)`, cell by cell; cells that are not positive are left out. */
export function interpolate(
  first: SparseMatrix,
  second: SparseMatrix,
  options: { readonly columns: number; readonly ratio: I32F32 },
): SparseMatrix {
  const { columns, ratio } = options;
  if (ratio === 0n) return first;
  if (ratio === ONE) return second;
  return first.map((cells, row) => {
    const from = toDense(cells, columns);
    const to = toDense(second[row] ?? [], columns);
    return toSparse(from.map((value, column) => add(value, multiply(ratio, subtract(to[column] ?? 0n, value)))));
  });
}

/** `share x fresh + (1 - share) x old`, cell by cell; cells that are not positive are left out. Both are square. */
export function movingAverage(fresh: SparseMatrix, old: SparseMatrix, share: I32F32): SparseMatrix {
  const rest = subtract(ONE, share);
  return fresh.map((cells, row) => {
    const values = new Array<I32F32>(fresh.length).fill(0n);
    const addScaled = (more: readonly Cell[], factor: I32F32): void => {
      for (const { column, value } of more) if (column < values.length) values[column] = add(values[column] ?? 0n, multiply(factor, value));
    };
    addScaled(cells, share);
    addScaled(old[row] ?? [], rest);
    return toSparse(values);
  });
}

function toDense(cells: readonly Cell[], columns: number): I32F32[] {
  const values = new Array<I32F32>(columns).fill(0n);
  for (const { column, value } of cells) if (column < columns) values[column] = value;
  return values;
}

function toSparse(values: readonly I32F32[]): readonly Cell[] {
  const cells: Cell[] = [];
  for (const [column, value] of values.entries()) if (value > 0n) cells.push({ column, value });
  return cells;
}
