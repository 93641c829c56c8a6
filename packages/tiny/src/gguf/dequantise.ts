import { invalidModel } from "../tiny-error.js";
import type { Gguf, GgufTensor } from "./parse-gguf.js";

function halfToNumber(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves: Float32Array | undefined;

/** Value of every 16-bit float; made on first use. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, half) => halfToNumber(half));
  return halves;
}

/** Writes the two values of each packed byte of a Q4_0 or Q5_0 block: the low nibbles come first, then the high ones. */
function unpackNibbles(
  view: DataView,
  block: { readonly from: number; readonly scale: number; readonly offset: number; readonly highBits: number },
  target: Float32Array,
  to: number,
): void {
  for (let j = 0; j < 16; j++) {
    const byte = view.getUint8(block.from + j);
    const low = (byte & 15) | (((block.highBits >>> j) & 1) << 4);
    const high = (byte >> 4) | (((block.highBits >>> (j + 16)) & 1) << 4);
    target[to + j] = block.scale * (low - block.offset);
    target[to + j + 16] = block.scale * (high - block.offset);
  }
}

function fill(tensor: GgufTensor, target: Float32Array): void {
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength);
  const half = halfTable();
  const halfAt = (from: number): number => half[view.getUint16(from, true)] ?? Number.NaN;
  const count = tensor.valueCount;
  switch (tensor.type) {
    case "F32":
      for (let i = 0; i < count; i++) target[i] = view.getFloat32(4 * i, true);
      return;
    case "F16":
      for (let i = 0; i < count; i++) target[i] = halfAt(2 * i);
      return;
    case "Q8_0":
      for (let i = 0, from = 0; i < count; i += 32, from += 34) {
        const scale = halfAt(from);
        for (let j = 0; j < 32; j++) target[i + j] = scale * view.getInt8(from + 2 + j);
      }
      return;
    case "Q5_0":
      for (let i = 0, from = 0; i < count; i += 32, from += 22) {
        unpackNibbles(view, { from: from + 6, scale: halfAt(from), offset: 16, highBits: view.getUint32(from + 2, true) }, target, i);
      }
      return;
    case "Q4_0":
      for (let i = 0, from = 0; i < count; i += 32, from += 18) {
        unpackNibbles(view, { from: from + 2, scale: halfAt(from), offset: 8, highBits: 0 }, target, i);
      }
      return;
  }
}

/**
 * Writes the weights of a tensor as f32.
 *
 * @param target - Exactly `valueCount` long.
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when a weight is not finite.
 */
export function dequantise(tensor: GgufTensor, target: Float32Array): void {
  if (target.length !== tensor.valueCount)
    throw new RangeError(`${tensor.name}: target holds ${target.length} of ${tensor.valueCount} values`);
  fill(tensor, target);
  if (!target.every(Number.isFinite))
    throw invalidModel("A weight in the model file is not a number: it is damaged.", { name: tensor.name });
}

/**
 * A tensor that must be there with these dimensions (the fastest first).
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when it is missing or shaped differently.
 */
export function tensorOf(gguf: Gguf, name: string, dimensions: readonly number[]): GgufTensor {
  const tensor = gguf.tensors.get(name);
  if (tensor === undefined) throw invalidModel(`The model file lacks the tensor ${name}.`, { name });
  if (tensor.dimensions.join() !== dimensions.join()) {
    throw invalidModel(`The tensor ${name} does not have the shape that the model needs.`, {
      name,
      dimensions: tensor.dimensions,
      expected: dimensions,
    });
  }
  return tensor;
}
