import { at, read, write } from "./lanes";
import { dotFour, dotFourTwoRows } from "./matmul";

/**
 * Query-key products that a causal mask lets through: row r (position `firstPosition` + r) sees columns 0 to its own position.
 *
 * Columns a row may not see are left as they are, up to the next multiple of four; {@link softmax} clears them. Strides in floats;
 * `headSize` is a multiple of 4.
 */
export function attentionScores(
  scores: usize,
  scoreStride: i32,
  queries: usize,
  queryStride: i32,
  keys: usize,
  keyStride: i32,
  rows: i32,
  headSize: i32,
  firstPosition: i32,
): void {
  const innerBytes = <usize>headSize * 4;
  const scoreBytes = <usize>scoreStride * 4;
  const queryBytes = <usize>queryStride * 4;
  const keyBytes = <usize>keyStride * 4;
  const columns: i32 = firstPosition + rows;
  for (let n: i32 = 0; n < columns; n += 4) {
    const key = keys + <usize>n * keyBytes;
    let r: i32 = max(0, n - firstPosition);
    for (; r + 2 <= rows; r += 2) {
      dotFourTwoRows(
        scores + <usize>r * scoreBytes + <usize>n * 4,
        scoreBytes,
        queries + <usize>r * queryBytes,
        queryBytes,
        key,
        keyBytes,
        innerBytes,
      );
    }
    if (r < rows) dotFour(scores + <usize>r * scoreBytes + <usize>n * 4, queries + <usize>r * queryBytes, key, keyBytes, innerBytes);
  }
}

/**
 * Attention-weighted sum of the values, of the visible columns only. `values` is transposed: values[channel][position].
 *
 * Reads the probabilities up to the next multiple of four past the last visible column, which must be zero. Leaving out further zeros
 * changes no bit of the sums.
 */
export function attentionMix(
  out: usize,
  outStride: i32,
  probabilities: usize,
  probabilityStride: i32,
  values: usize,
  valueStride: i32,
  rows: i32,
  headSize: i32,
  firstPosition: i32,
): void {
  const outBytes = <usize>outStride * 4;
  const probabilityBytes = <usize>probabilityStride * 4;
  const valueBytes = <usize>valueStride * 4;
  let r: i32 = 0;
  for (; r + 2 <= rows; r += 2) {
    const innerBytes = <usize>((firstPosition + r + 2 + 3) & ~3) * 4;
    for (let n: i32 = 0; n < headSize; n += 4) {
      dotFourTwoRows(
        out + <usize>r * outBytes + <usize>n * 4,
        outBytes,
        probabilities + <usize>r * probabilityBytes,
        probabilityBytes,
        values + <usize>n * valueBytes,
        valueBytes,
        innerBytes,
      );
    }
  }
  if (r < rows) {
    const innerBytes = <usize>((firstPosition + r + 1 + 3) & ~3) * 4;
    for (let n: i32 = 0; n < headSize; n += 4) {
      dotFour(
        out + <usize>r * outBytes + <usize>n * 4,
        probabilities + <usize>r * probabilityBytes,
        values + <usize>n * valueBytes,
        valueBytes,
        innerBytes,
      );
    }
  }
}

/**
 * Softmax of each row of `scores` times `scale`, in place.
 *
 * `visible` columns count in row 0 and `visibleGrowth` (0 or 1) more in each further row: 1 is a causal mask, 0 none. The columns from
 * there to the next multiple of four past the last row's are set to zero.
 */
export function softmax(scores: usize, stride: i32, rows: i32, visible: i32, visibleGrowth: i32, scale: f32): void {
  const cleared: i32 = (visible + visibleGrowth * (rows - 1) + 3) & ~3;
  for (let r: i32 = 0; r < rows; r++) {
    const row = at(scores, r * stride);
    const columns: i32 = visible + visibleGrowth * r;
    let largest: f32 = -Infinity;
    for (let i: i32 = 0; i < columns; i++) {
      const value = read(row, i) * scale;
      if (value > largest) largest = value;
    }
    let sum: f32 = 0;
    for (let i: i32 = 0; i < columns; i++) {
      const value = Mathf.exp(read(row, i) * scale - largest);
      sum += value;
      write(row, i, value);
    }
    const inverse: f32 = <f32>1 / sum;
    for (let i: i32 = 0; i < columns; i++) write(row, i, read(row, i) * inverse);
    // Four columns past a row's own are enough: the mix of a pair of rows reads no further.
    const end: i32 = min(cleared, (columns + 8) & ~3);
    for (let i: i32 = columns; i < end; i++) write(row, i, 0);
  }
}

/**
 * Rotary position embedding of adjacent pairs, in place. `cosines` and `sines` hold headSize / 2 values for each position from 0.
 */
export function rope(x: usize, stride: i32, rows: i32, heads: i32, headSize: i32, cosines: usize, sines: usize, firstPosition: i32): void {
  const half = headSize >> 1;
  for (let r: i32 = 0; r < rows; r++) {
    const angles = (firstPosition + r) * half;
    for (let h: i32 = 0; h < heads; h++) {
      const head = at(x, r * stride + h * headSize);
      for (let i: i32 = 0; i < half; i++) {
        const c = read(cosines, angles + i);
        const s = read(sines, angles + i);
        const even = read(head, 2 * i);
        const odd = read(head, 2 * i + 1);
        write(head, 2 * i, even * c - odd * s);
        write(head, 2 * i + 1, even * s + odd * c);
      }
    }
  }
}
