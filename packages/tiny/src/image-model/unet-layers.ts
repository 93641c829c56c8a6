import { dequantise } from "../gguf/dequantise.js";
import type { Gguf } from "../gguf/parse-gguf.js";
import type { Arena, Pointer } from "../kernels/arena.js";
import type { Kernels } from "../kernels/kernels.js";
import { invalidModel } from "../tiny-error.js";

/** A square picture of channels: values[pixel][channel], rows from the top. */
export type FeatureMap = { readonly pointer: Pointer; readonly side: number; readonly channels: number };

/** The layers that the U-Net is made of. Each takes its weights by name and allocates its result in the arena. */
export type UnetLayers = {
  /** Place of a tensor of exactly this many values. */
  readonly weight: (name: string, valueCount: number) => Pointer;
  readonly linear: (
    name: string,
    input: Pointer,
    shape: { readonly rows: number; readonly inner: number; readonly columns: number },
  ) => Pointer;
  readonly linearWithoutBias: (
    name: string,
    input: Pointer,
    shape: { readonly rows: number; readonly inner: number; readonly columns: number },
  ) => Pointer;
  /** 3x3 convolution. A stride of 2 halves the side. */
  readonly convolve: (name: string, input: FeatureMap, channels: number, stride?: 1 | 2) => FeatureMap;
  readonly groupNorm: (name: string, input: FeatureMap) => FeatureMap;
  readonly groupNormWithoutWeights: (input: FeatureMap) => FeatureMap;
  /** The channels of `a`, then those of `b`. */
  readonly concatenate: (a: FeatureMap, b: FeatureMap) => FeatureMap;
  /** Twice the side, each pixel four times. */
  readonly upsample: (input: FeatureMap) => FeatureMap;
};

const GROUP_NORM_EPSILON = 1e-5;

/** Floats of a feature map. */
export function floatCount(map: FeatureMap): number {
  return map.side * map.side * map.channels;
}

/** Unpacks all tensors of a file into the arena, and makes the layers over them. */
export function createUnetLayers(gguf: Gguf, kernels: Kernels, arena: Arena): UnetLayers {
  const places = new Map<string, { readonly pointer: Pointer; readonly valueCount: number }>();
  for (const tensor of gguf.tensors.values()) {
    const pointer = arena.allocate(tensor.valueCount);
    dequantise(tensor, arena.view(pointer, tensor.valueCount));
    places.set(tensor.name, { pointer, valueCount: tensor.valueCount });
  }

  function weight(name: string, valueCount: number): Pointer {
    const place = places.get(name);
    if (place?.valueCount !== valueCount) {
      throw invalidModel(`The tensor ${name} is missing or does not have the size that the model needs.`, {
        name,
        valueCount,
        found: place?.valueCount,
      });
    }
    return place.pointer;
  }

  const linearWithoutBias: UnetLayers["linearWithoutBias"] = (name, input, { rows, inner, columns }) => {
    const out = arena.allocate(rows * columns);
    kernels.matmul(out, columns, input, inner, weight(`${name}.weight`, inner * columns), inner, rows, inner, columns);
    return out;
  };

  function groupNorm(input: FeatureMap, weights: { readonly scale: Pointer; readonly bias: Pointer }): FeatureMap {
    const pointer = arena.allocate(floatCount(input));
    kernels.groupNorm(pointer, input.pointer, input.side * input.side, input.channels, weights.scale, weights.bias, GROUP_NORM_EPSILON);
    return { ...input, pointer };
  }

  return {
    weight,
    linearWithoutBias,
    linear(name, input, shape) {
      const out = linearWithoutBias(name, input, shape);
      kernels.addBias(out, weight(`${name}.bias`, shape.columns), shape.rows, shape.columns);
      return out;
    },
    convolve(name, input, channels, stride = 1) {
      const side = input.side / stride;
      const pixels = side * side;
      const patch = 9 * input.channels;
      const pointer = arena.allocate(pixels * channels);
      const beforePatches = arena.mark();
      const patches = arena.allocate(pixels * patch);
      kernels.im2col(patches, input.pointer, input.side, input.side, input.channels, stride);
      kernels.matmul(pointer, channels, patches, patch, weight(`${name}.weight`, patch * channels), patch, pixels, patch, channels);
      kernels.addBias(pointer, weight(`${name}.bias`, channels), pixels, channels);
      arena.release(beforePatches);
      return { pointer, side, channels };
    },
    groupNorm: (name, input) =>
      groupNorm(input, { scale: weight(`${name}.weight`, input.channels), bias: weight(`${name}.bias`, input.channels) }),
    groupNormWithoutWeights: (input) => groupNorm(input, { scale: 0, bias: 0 }),
    concatenate(a, b) {
      const channels = a.channels + b.channels;
      const pointer = arena.allocate(a.side * a.side * channels);
      const floats = arena.floats();
      for (let pixel = 0; pixel < a.side * a.side; pixel++) {
        const to = pointer / 4 + pixel * channels;
        const fromA = a.pointer / 4 + pixel * a.channels;
        const fromB = b.pointer / 4 + pixel * b.channels;
        floats.copyWithin(to, fromA, fromA + a.channels);
        floats.copyWithin(to + a.channels, fromB, fromB + b.channels);
      }
      return { pointer, side: a.side, channels };
    },
    upsample(input) {
      const side = input.side * 2;
      const pointer = arena.allocate(side * side * input.channels);
      const floats = arena.floats();
      for (let pixel = 0; pixel < side * side; pixel++) {
        const y = Math.floor(pixel / side) >> 1;
        const x = (pixel % side) >> 1;
        const from = input.pointer / 4 + (y * input.side + x) * input.channels;
        floats.copyWithin(pointer / 4 + pixel * input.channels, from, from + input.channels);
      }
      return { pointer, side, channels: input.channels };
    },
  };
}
