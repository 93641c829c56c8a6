import type { Arena, Pointer } from "../kernels/arena.js";
import type { Kernels } from "../kernels/kernels.js";
import { PROMPT_WORDS } from "./prompt-words.js";
import { type FeatureMap, floatCount, type UnetLayers } from "./unet-layers.js";

/** Width of the text features. */
export const TEXT_WIDTH = 96;
const HEADS = 4;

/** What the layers of the image model work with. */
export type UnetContext = { readonly layers: UnetLayers; readonly kernels: Kernels; readonly arena: Arena };

/** Copies the second half of rows[row][2 * width] transposed: result[channel][row]. */
function transposeValues(
  arena: Arena,
  rows: Pointer,
  shape: { readonly count: number; readonly stride: number; readonly offset: number; readonly width: number },
): Pointer {
  const transposed = arena.allocate(shape.count * shape.width);
  const floats = arena.floats();
  for (let row = 0; row < shape.count; row++) {
    for (let channel = 0; channel < shape.width; channel++) {
      floats[transposed / 4 + channel * shape.count + row] = floats[rows / 4 + row * shape.stride + shape.offset + channel] ?? 0;
    }
  }
  return transposed;
}

/** Lets every pixel look at the words of the prompt and at every other pixel, with 4 heads, and adds what it finds. */
export function attendToPrompt({ layers, kernels, arena }: UnetContext, name: string, input: FeatureMap, text: Pointer): FeatureMap {
  const { channels } = input;
  const pixels = input.side * input.side;
  const seen = PROMPT_WORDS + pixels;
  const headSize = channels / HEADS;
  const normed = layers.groupNorm(`${name}.n`, input).pointer;
  const queries = layers.linearWithoutBias(`${name}.q`, normed, { rows: pixels, inner: channels, columns: channels });
  const ofText = layers.linearWithoutBias(`${name}.kv`, text, { rows: PROMPT_WORDS, inner: TEXT_WIDTH, columns: 2 * channels });
  const ofPixels = layers.linearWithoutBias(`${name}.skv`, normed, { rows: pixels, inner: channels, columns: 2 * channels });
  const keysAndValues = arena.allocate(seen * 2 * channels);
  arena.view(keysAndValues, PROMPT_WORDS * 2 * channels).set(arena.view(ofText, PROMPT_WORDS * 2 * channels));
  arena.view(keysAndValues + PROMPT_WORDS * 2 * channels * 4, pixels * 2 * channels).set(arena.view(ofPixels, pixels * 2 * channels));
  const values = transposeValues(arena, keysAndValues, { count: seen, stride: 2 * channels, offset: channels, width: channels });
  const mixed = arena.allocate(pixels * channels);
  const scores = arena.allocate(pixels * seen);
  for (let head = 0; head < HEADS; head++) {
    const offset = head * headSize * 4;
    kernels.matmul(scores, seen, queries + offset, channels, keysAndValues + offset, 2 * channels, pixels, headSize, seen);
    kernels.softmax(scores, seen, pixels, seen, 0, headSize ** -0.5);
    kernels.matmul(mixed + offset, channels, scores, seen, values + head * headSize * seen * 4, seen, pixels, seen, headSize);
  }
  const pointer = layers.linear(`${name}.o`, mixed, { rows: pixels, inner: channels, columns: channels });
  kernels.addInPlace(pointer, input.pointer, floatCount(input));
  return { ...input, pointer };
}

/** Features of the words of a prompt: embeddings and places, one layer of self-attention, one feed-forward layer. Shape: [PROMPT_WORDS][TEXT_WIDTH]. */
export function encodeText({ layers, kernels, arena }: UnetContext, words: readonly number[], buckets: number): Pointer {
  const count = PROMPT_WORDS * TEXT_WIDTH;
  const features = arena.allocate(count);
  const normed = arena.allocate(count);
  const embedding = layers.weight("te.e.weight", buckets * TEXT_WIDTH) / 4;
  const places = layers.weight("te.p", count) / 4;
  const floats = arena.floats();
  words.forEach((word, i) => {
    for (let c = 0; c < TEXT_WIDTH; c++) {
      floats[features / 4 + i * TEXT_WIDTH + c] =
        (floats[embedding + word * TEXT_WIDTH + c] ?? 0) + (floats[places + i * TEXT_WIDTH + c] ?? 0);
    }
  });
  const layerNorm = (name: string) =>
    kernels.layerNorm(
      normed,
      features,
      PROMPT_WORDS,
      TEXT_WIDTH,
      layers.weight(`${name}.weight`, TEXT_WIDTH),
      layers.weight(`${name}.bias`, TEXT_WIDTH),
    );

  layerNorm("te.n");
  const stride = 3 * TEXT_WIDTH;
  const projected = layers.linear("te.q", normed, { rows: PROMPT_WORDS, inner: TEXT_WIDTH, columns: stride });
  const scores = arena.allocate(PROMPT_WORDS * PROMPT_WORDS);
  kernels.matmul(scores, PROMPT_WORDS, projected, stride, projected + TEXT_WIDTH * 4, stride, PROMPT_WORDS, TEXT_WIDTH, PROMPT_WORDS);
  kernels.softmax(scores, PROMPT_WORDS, PROMPT_WORDS, PROMPT_WORDS, 0, TEXT_WIDTH ** -0.5);
  const values = transposeValues(arena, projected, { count: PROMPT_WORDS, stride, offset: 2 * TEXT_WIDTH, width: TEXT_WIDTH });
  const mixed = arena.allocate(count);
  kernels.matmul(mixed, TEXT_WIDTH, scores, PROMPT_WORDS, values, PROMPT_WORDS, PROMPT_WORDS, PROMPT_WORDS, TEXT_WIDTH);
  kernels.addInPlace(features, layers.linear("te.o", mixed, { rows: PROMPT_WORDS, inner: TEXT_WIDTH, columns: TEXT_WIDTH }), count);

  layerNorm("te.m.0");
  const inner = layers.linear("te.m.1", normed, { rows: PROMPT_WORDS, inner: TEXT_WIDTH, columns: 2 * TEXT_WIDTH });
  kernels.silu(inner, 2 * count);
  kernels.addInPlace(features, layers.linear("te.m.3", inner, { rows: PROMPT_WORDS, inner: 2 * TEXT_WIDTH, columns: TEXT_WIDTH }), count);
  return features;
}
