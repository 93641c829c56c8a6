import { sumLanes } from "./lanes";

function storeFour(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  store<f32>(out, sumLanes(a));
  store<f32>(out, sumLanes(b), 4);
  store<f32>(out, sumLanes(c), 8);
  store<f32>(out, sumLanes(d), 12);
}

function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/**
 * Dot products of one row with four rows of weights: out[0..3] = sum over k of row[k] * weights[n][k].
 *
 * Every product of this engine is summed in this one order: four partial sums, k = lane (mod 4), then `sumLanes`. That is why one token
 * decoded alone and the same token in a batch get the same bits.
 */
export function dotFour(out: usize, row: usize, weights: usize, weightBytes: usize, innerBytes: usize): void {
  const w1 = weights + weightBytes;
  const w2 = w1 + weightBytes;
  const w3 = w2 + weightBytes;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let k: usize = 0; k < innerBytes; k += 16) {
    const x = v128.load(row + k);
    s0 = multiplyAdd(s0, x, v128.load(weights + k));
    s1 = multiplyAdd(s1, x, v128.load(w1 + k));
    s2 = multiplyAdd(s2, x, v128.load(w2 + k));
    s3 = multiplyAdd(s3, x, v128.load(w3 + k));
  }
  storeFour(out, s0, s1, s2, s3);
}

/** {@link dotFour} for two rows at once: each weight is loaded once for both. */
export function dotFourTwoRows(
  out: usize,
  outBytes: usize,
  row: usize,
  rowBytes: usize,
  weights: usize,
  weightBytes: usize,
  innerBytes: usize,
): void {
  const second = row + rowBytes;
  const w1 = weights + weightBytes;
  const w2 = w1 + weightBytes;
  const w3 = w2 + weightBytes;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (let k: usize = 0; k < innerBytes; k += 16) {
    const x = v128.load(row + k);
    const y = v128.load(second + k);
    const q0 = v128.load(weights + k);
    const q1 = v128.load(w1 + k);
    const q2 = v128.load(w2 + k);
    const q3 = v128.load(w3 + k);
    a0 = multiplyAdd(a0, x, q0);
    a1 = multiplyAdd(a1, x, q1);
    a2 = multiplyAdd(a2, x, q2);
    a3 = multiplyAdd(a3, x, q3);
    b0 = multiplyAdd(b0, y, q0);
    b1 = multiplyAdd(b1, y, q1);
    b2 = multiplyAdd(b2, y, q2);
    b3 = multiplyAdd(b3, y, q3);
  }
  storeFour(out, a0, a1, a2, a3);
  storeFour(out + outBytes, b0, b1, b2, b3);
}

/** Rows handled before going back to the first weight: 64 rows of 256 floats stay in a 64 KiB share of the second-level cache. */
const ROW_BLOCK: i32 = 64;

/**
 * out[r][n] = sum over k of input[r][k] * weights[n][k].
 *
 * Strides in floats. `inner` and `columns` are multiples of 4.
 */
export function matmul(
  out: usize,
  outStride: i32,
  input: usize,
  inputStride: i32,
  weights: usize,
  weightStride: i32,
  rows: i32,
  inner: i32,
  columns: i32,
): void {
  const innerBytes = <usize>inner * 4;
  const outBytes = <usize>outStride * 4;
  const inputBytes = <usize>inputStride * 4;
  const weightBytes = <usize>weightStride * 4;
  for (let first: i32 = 0; first < rows; first += ROW_BLOCK) {
    const end: i32 = min(first + ROW_BLOCK, rows);
    for (let n: i32 = 0; n < columns; n += 4) {
      const w = weights + <usize>n * weightBytes;
      let r: i32 = first;
      for (; r + 2 <= end; r += 2) {
        dotFourTwoRows(
          out + <usize>r * outBytes + <usize>n * 4,
          outBytes,
          input + <usize>r * inputBytes,
          inputBytes,
          w,
          weightBytes,
          innerBytes,
        );
      }
      if (r < end) dotFour(out + <usize>r * outBytes + <usize>n * 4, input + <usize>r * inputBytes, w, weightBytes, innerBytes);
    }
  }
}
