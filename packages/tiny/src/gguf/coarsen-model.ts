import { invalidInput } from "../tiny-error.js";
import { parseGguf } from "./parse-gguf.js";

const BLOCK_BYTES = 34; // a 16-bit scale and 32 signed bytes
const SCALE_BYTES = 2;

/**
 * A copy of a GGUF file whose Q8_0 weights hold only so many bits: the arithmetic of a cheaper precision in a file of the same format, for
 * measuring what tells the two apart.
 *
 * @param bits - 2 to 8; a block's weights are rounded to as many levels as a symmetric number of so many bits has.
 * @throws {@link TinyError} `TINY_INVALID_MODEL` for a damaged file, `TINY_INVALID_INPUT` for other bits.
 */
export function coarsenModel(file: Uint8Array, bits: number): Uint8Array {
  if (!Number.isInteger(bits) || bits < 2 || bits > 8) throw invalidInput("bits must be a whole number from 2 to 8.", { bits });
  const copy = Uint8Array.from(file);
  const levels = 2 ** (bits - 1) - 1;
  for (const { type, bytes } of parseGguf(copy).tensors.values()) {
    if (type !== "Q8_0") continue;
    const weights = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let block = 0; block < weights.length; block += BLOCK_BYTES)
      coarsenBlock(weights.subarray(block + SCALE_BYTES, block + BLOCK_BYTES), levels);
  }
  return copy;
}

function coarsenBlock(weights: Int8Array, levels: number): void {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  if (largest === 0) return;
  const step = largest / levels;
  for (let index = 0; index < weights.length; index += 1) weights[index] = Math.round(Math.round((weights[index] ?? 0) / step) * step);
}
