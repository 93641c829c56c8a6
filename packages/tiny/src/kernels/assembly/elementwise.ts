import { read, write } from "./lanes";

/** x += y; `count` is a multiple of 4. */
export function addInPlace(x: usize, y: usize, count: i32): void {
  const bytes = <usize>count * 4;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(x + i, f32x4.add(v128.load(x + i), v128.load(y + i)));
}

/** x *= sigmoid(x). */
export function silu(x: usize, count: i32): void {
  for (let i: i32 = 0; i < count; i++) {
    const value = read(x, i);
    write(x, i, value / (<f32>1 + Mathf.exp(-value)));
  }
}

/** gate = silu(gate) * up, the gated unit of the feed-forward layers. */
export function siluMultiply(gate: usize, up: usize, count: i32): void {
  for (let i: i32 = 0; i < count; i++) {
    const value = read(gate, i);
    write(gate, i, (value / (<f32>1 + Mathf.exp(-value))) * read(up, i));
  }
}

/** Adds `bias` to every row. */
export function addBias(x: usize, bias: usize, rows: i32, width: i32): void {
  for (let r: i32 = 0; r < rows; r++) {
    for (let i: i32 = 0; i < width; i++) write(x, r * width + i, read(x, r * width + i) + read(bias, i));
  }
}

/** x = x * (1 + scale) + shift for every row; `scaleAndShift` holds the scales of all channels, then the shifts. */
export function modulate(x: usize, scaleAndShift: usize, rows: i32, channels: i32): void {
  for (let r: i32 = 0; r < rows; r++) {
    for (let c: i32 = 0; c < channels; c++) {
      const i = r * channels + c;
      write(x, i, read(x, i) * (<f32>1 + read(scaleAndShift, c)) + read(scaleAndShift, channels + c));
    }
  }
}
