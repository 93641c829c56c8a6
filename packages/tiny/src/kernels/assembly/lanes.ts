/** Bytes of one f32. */
const F32_BYTES: usize = 4;

/** Address of the f32 at an index from a base address. */
export function at(base: usize, index: i32): usize {
  return base + <usize>index * F32_BYTES;
}

/** The f32 at an index from a base address. */
export function read(base: usize, index: i32): f32 {
  return load<f32>(at(base, index));
}

/** Stores an f32 at an index from a base address. */
export function write(base: usize, index: i32, value: f32): void {
  store<f32>(at(base, index), value);
}

/** Sum of the four lanes, always as (0 + 1) + (2 + 3). */
export function sumLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}
