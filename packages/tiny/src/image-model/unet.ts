import { integerOf, textOf } from "../gguf/metadata.js";
import type { Gguf } from "../gguf/parse-gguf.js";
import type { Arena, Pointer } from "../kernels/arena.js";
import type { Kernels } from "../kernels/kernels.js";
import { invalidModel } from "../tiny-error.js";
import { attendToPrompt, encodeText, TEXT_WIDTH, type UnetContext } from "./attention-layer.js";
import { PROMPT_WORDS } from "./prompt-words.js";
import { createUnetLayers, type FeatureMap, floatCount } from "./unet-layers.js";

/** The denoising network of the image model. */
export type Unet = {
  /** Words the model tells apart. */
  readonly promptBuckets: number;
  /**
   * Velocity from noise towards a picture (rectified flow: Liu et al., 2022).
   *
   * @param picture - [3][32][32], about -1 to 1.
   * @param time - 0 (noise) to 1 (picture).
   * @param words - Of `encodePromptWords`.
   */
  readonly velocity: (picture: Float32Array, time: number, words: readonly number[]) => Float32Array;
};

/** Side of the pictures, pixels. */
export const PICTURE_SIDE = 32;
const CHANNELS = 64;
const CONDITION_WIDTH = 192;
const FREQUENCIES = 32;
/** The network works on 2x2 pixels at a time, their 12 colour values as channels. */
const FOLDED_SIDE = PICTURE_SIDE / 2;
const FOLDED_CHANNELS = 12;

/** Index in the picture of each value of the folded picture, in the order of the folded picture. */
const unfoldedIndex: readonly number[] = Array.from({ length: FOLDED_SIDE * FOLDED_SIDE * FOLDED_CHANNELS }, (_, i) => {
  const pixel = Math.floor(i / FOLDED_CHANNELS);
  const channel = i % FOLDED_CHANNELS;
  const colour = Math.floor(channel / 4);
  const y = 2 * Math.floor(pixel / FOLDED_SIDE) + (Math.floor(channel / 2) % 2);
  const x = 2 * (pixel % FOLDED_SIDE) + (channel % 2);
  return (colour * PICTURE_SIDE + y) * PICTURE_SIDE + x;
});

function assertSupported(gguf: Gguf): void {
  const architecture = textOf(gguf, "general.architecture");
  if (architecture !== "tiny-unet") throw invalidModel("Only image models of the tiny-unet architecture are supported.", { architecture });
  for (const [key, value] of [
    ["size", PICTURE_SIDE],
    ["channels", CHANNELS],
    ["text_len", PROMPT_WORDS],
  ] as const) {
    integerOf(gguf, `tiny-unet.${key}`, { min: value, max: value });
  }
}

/** Features of the time and of the prompt as a whole, which steer every block. Shape: [CONDITION_WIDTH]. */
function encodeCondition({ layers, kernels, arena }: UnetContext, time: number, text: Pointer): Pointer {
  const waves = arena.allocate(2 * FREQUENCIES);
  const frequencies = layers.weight("fr", FREQUENCIES) / 4;
  const floats = arena.floats();
  for (let i = 0; i < FREQUENCIES; i++) {
    const angle = Math.fround(Math.fround(time) * (floats[frequencies + i] ?? 0));
    floats[waves / 4 + i] = kernels.sin(angle);
    floats[waves / 4 + FREQUENCIES + i] = kernels.cos(angle);
  }
  const inner = layers.linear("t1", waves, { rows: 1, inner: 2 * FREQUENCIES, columns: CONDITION_WIDTH });
  kernels.silu(inner, CONDITION_WIDTH);
  const condition = layers.linear("t2", inner, { rows: 1, inner: CONDITION_WIDTH, columns: CONDITION_WIDTH });
  const meanText = arena.allocate(TEXT_WIDTH);
  const now = arena.floats();
  for (let c = 0; c < TEXT_WIDTH; c++) {
    let sum = 0;
    for (let word = 0; word < PROMPT_WORDS; word++) sum += now[text / 4 + word * TEXT_WIDTH + c] ?? 0;
    now[meanText / 4 + c] = sum / PROMPT_WORDS;
  }
  kernels.addInPlace(condition, layers.linear("tp", meanText, { rows: 1, inner: TEXT_WIDTH, columns: CONDITION_WIDTH }), CONDITION_WIDTH);
  kernels.silu(condition, CONDITION_WIDTH);
  return condition;
}

/** Two convolutions, the second steered by the condition, added to the input. */
function residualBlock(
  { layers, kernels }: UnetContext,
  name: string,
  input: FeatureMap,
  channels: number,
  condition: Pointer,
): FeatureMap {
  const normed = layers.groupNorm(`${name}.n1`, input);
  kernels.silu(normed.pointer, floatCount(normed));
  const first = layers.convolve(`${name}.c1`, normed, channels);
  const scaleAndShift = layers.linear(`${name}.f`, condition, { rows: 1, inner: CONDITION_WIDTH, columns: 2 * channels });
  const steered = layers.groupNormWithoutWeights(first);
  const pixels = input.side * input.side;
  kernels.modulate(steered.pointer, scaleAndShift, pixels, channels);
  kernels.silu(steered.pointer, floatCount(steered));
  const second = layers.convolve(`${name}.c2`, steered, channels);
  const shortcut =
    input.channels === channels
      ? input.pointer
      : layers.linear(`${name}.k`, input.pointer, { rows: pixels, inner: input.channels, columns: channels });
  kernels.addInPlace(second.pointer, shortcut, floatCount(second));
  return second;
}

function runNetwork(context: UnetContext, folded: FeatureMap, condition: Pointer, text: Pointer): FeatureMap {
  const { layers, kernels } = context;
  const block = (name: string, input: FeatureMap, channels: number) => residualBlock(context, name, input, channels, condition);
  const attend = (name: string, input: FeatureMap) => attendToPrompt(context, name, input, text);
  const wide = 2 * CHANNELS;

  const down1 = block("d1", layers.convolve("i", folded, CHANNELS), CHANNELS);
  const down2 = block("d2", down1, CHANNELS);
  const low1 = attend("a1", block("e1", layers.convolve("dn", down2, wide, 2), wide));
  const low2 = attend("a2", block("e2", low1, wide));
  const middle = block("m", low2, wide);
  const up1 = attend("a3", block("u1", layers.concatenate(middle, low2), wide));
  const up2 = block("u2", layers.concatenate(up1, low1), wide);
  const raised = layers.convolve("up", layers.upsample(up2), CHANNELS);
  const up3 = block("v1", layers.concatenate(raised, down2), CHANNELS);
  const up4 = block("v2", layers.concatenate(up3, down1), CHANNELS);
  const normed = layers.groupNorm("on", up4);
  kernels.silu(normed.pointer, floatCount(normed));
  return layers.convolve("oc", normed, FOLDED_CHANNELS);
}

/**
 * Loads the network of an image model file.
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when it is of another kind, or a tensor is missing or misshapen.
 */
export function createUnet(gguf: Gguf, kernels: Kernels, arena: Arena): Unet {
  assertSupported(gguf);
  const promptBuckets = integerOf(gguf, "tiny-unet.text_buckets", { min: 2, max: 2 ** 20 });
  const context: UnetContext = { layers: createUnetLayers(gguf, kernels, arena), kernels, arena };
  const start = arena.mark();

  function velocity(picture: Float32Array, time: number, words: readonly number[]): Float32Array {
    arena.release(start);
    const text = encodeText(context, words, promptBuckets);
    const condition = encodeCondition(context, time, text);
    const folded = arena.allocate(unfoldedIndex.length);
    const foldedView = arena.view(folded, unfoldedIndex.length);
    unfoldedIndex.forEach((from, i) => {
      foldedView[i] = picture[from] ?? 0;
    });
    const result = runNetwork(context, { pointer: folded, side: FOLDED_SIDE, channels: FOLDED_CHANNELS }, condition, text);
    const resultView = arena.view(result.pointer, unfoldedIndex.length);
    const unfolded = new Float32Array(unfoldedIndex.length);
    unfoldedIndex.forEach((to, i) => {
      unfolded[to] = resultView[i] ?? 0;
    });
    return unfolded;
  }

  // A misshapen file is found out now, not at the first request.
  velocity(new Float32Array(unfoldedIndex.length), 0, new Array<number>(PROMPT_WORDS).fill(0));
  return { promptBuckets, velocity };
}
