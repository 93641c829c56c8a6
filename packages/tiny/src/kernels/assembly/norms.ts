import { at, read, write } from "./lanes";

/** Root-mean-square norm of each row, times `weight`. Zhang and Sennrich, 2019. */
export function rmsNorm(out: usize, input: usize, weight: usize, rows: i32, width: i32, epsilon: f32): void {
  for (let r: i32 = 0; r < rows; r++) {
    const from = at(input, r * width);
    const to = at(out, r * width);
    let squares: f32 = 0;
    for (let i: i32 = 0; i < width; i++) {
      const value = read(from, i);
      squares += value * value;
    }
    const scale: f32 = <f32>1.0 / Mathf.sqrt(squares / <f32>width + epsilon);
    for (let i: i32 = 0; i < width; i++) write(to, i, read(from, i) * scale * read(weight, i));
  }
}

/** Layer norm of each row, times `weight`, plus `bias`. */
export function layerNorm(out: usize, input: usize, rows: i32, width: i32, weight: usize, bias: usize): void {
  for (let r: i32 = 0; r < rows; r++) {
    const from = at(input, r * width);
    const to = at(out, r * width);
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let i: i32 = 0; i < width; i++) {
      const value = <f64>read(from, i);
      sum += value;
      squares += value * value;
    }
    const mean = sum / <f64>width;
    const scale: f64 = 1.0 / Math.sqrt(squares / <f64>width - mean * mean + 1e-5);
    for (let i: i32 = 0; i < width; i++) write(to, i, <f32>((<f64>read(from, i) - mean) * scale) * read(weight, i) + read(bias, i));
  }
}

/** Group norm over 8 groups of channels of pixels[pixel][channel]; a `weight` of 0 leaves out the affine part. */
export function groupNorm(out: usize, input: usize, pixels: i32, channels: i32, weight: usize, bias: usize, epsilon: f32): void {
  const groupSize = channels >> 3;
  for (let group: i32 = 0; group < 8; group++) {
    const first = group * groupSize;
    const end = first + groupSize;
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let p: i32 = 0; p < pixels; p++) {
      for (let c: i32 = first; c < end; c++) {
        const value = <f64>read(input, p * channels + c);
        sum += value;
        squares += value * value;
      }
    }
    const count = <f64>(pixels * groupSize);
    const mean = sum / count;
    const scale: f64 = 1.0 / Math.sqrt(squares / count - mean * mean + <f64>epsilon);
    for (let p: i32 = 0; p < pixels; p++) {
      for (let c: i32 = first; c < end; c++) {
        let value: f32 = <f32>((<f64>read(input, p * channels + c) - mean) * scale);
        if (weight) value = value * read(weight, c) + read(bias, c);
        write(out, p * channels + c, value);
      }
    }
  }
}
