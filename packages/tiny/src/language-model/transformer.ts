import type { Arena, Pointer } from "../kernels/arena.js";
import type { Kernels } from "../kernels/kernels.js";
import type { LanguageModelConfig } from "./language-model-config.js";
import type { LanguageModelWeights, LayerWeights } from "./language-model-weights.js";

/** Keys and values of the tokens one generation has seen. */
export type KeyValueCache = {
  /** Tokens seen. */
  length: number;
  /** For each layer, keys[position][channel]. */
  readonly keys: readonly Pointer[];
  /** For each layer, values[channel][position]: transposed, so that the attention's second product runs along memory. */
  readonly values: readonly Pointer[];
};

/** The network: tokens in, logits out. Synchronous; its buffers are shared, so each result must be used before the next call. */
export type Transformer = {
  /** An empty cache. Taken from the returned ones when there is one. */
  readonly acquireCache: () => KeyValueCache;
  /** Hands a cache back for the next generation. */
  readonly releaseCache: (cache: KeyValueCache) => void;
  /** Appends tokens to a cache. Shape: 1 to `contextTokens - cache.length` token ids. Makes {@link Transformer.logits} ready for them. */
  readonly forward: (cache: KeyValueCache, tokens: readonly number[]) => void;
  /** Logits after `rows` (at most LOGIT_ROWS) of the last forwarded tokens, from `firstRow`: logits[row][token]. */
  readonly logits: (firstRow: number, rows: number) => Pointer;
  /** What the last layer made of the last forwarded tokens, normalised as for logits: states[row][channel]. Shape: rows x `width`. */
  readonly states: (rows: number) => Float32Array;
  /** Channels of a token's state. */
  readonly width: number;
  /** Bytes of one cache. */
  readonly cacheBytes: number;
};

/** Rows of logits made at a time: 64 rows of 4096 floats are 1 MiB, all 512 would be 8. */
export const LOGIT_ROWS = 64;

/** A network over weights that lie in the arena. Allocates its working buffers for a whole context at once. */
export function createTransformer(config: LanguageModelConfig, weights: LanguageModelWeights, kernels: Kernels, arena: Arena): Transformer {
  const { width, headSize, headCount, keyValueWidth, feedForwardWidth, contextTokens, vocabularySize } = config;
  const groupSize = headCount / config.keyValueHeadCount;
  const stride = Math.ceil(contextTokens / 4) * 4;
  const scale = 1 / Math.sqrt(headSize);

  const half = headSize / 2;
  const cosines = arena.allocate(contextTokens * half);
  const sines = arena.allocate(contextTokens * half);
  const hidden = arena.allocate(contextTokens * width);
  const normed = arena.allocate(contextTokens * width);
  const queries = arena.allocate(contextTokens * width);
  const mixed = arena.allocate(contextTokens * width);
  const newValues = arena.allocate(contextTokens * keyValueWidth);
  const gates = arena.allocate(contextTokens * feedForwardWidth);
  const ups = arena.allocate(contextTokens * feedForwardWidth);
  const scores = arena.allocate(contextTokens * stride);
  const logitRows = arena.allocate(LOGIT_ROWS * vocabularySize);
  const cacheFloats = stride * keyValueWidth;
  const idleCaches: KeyValueCache[] = [];

  for (let position = 0; position < contextTokens; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * kernels.pow(config.ropeBase, (-2 * i) / headSize);
      arena.floats()[cosines / 4 + position * half + i] = kernels.cos(angle);
      arena.floats()[sines / 4 + position * half + i] = kernels.sin(angle);
    }
  }

  function linear(out: Pointer, input: Pointer, weight: Pointer, rows: number, inner: number, columns: number): void {
    kernels.matmul(out, columns, input, inner, weight, inner, rows, inner, columns);
  }

  function storeValues(target: Pointer, first: number, rows: number): void {
    const floats = arena.floats();
    const to = target / 4 + first;
    const from = newValues / 4;
    for (let row = 0; row < rows; row++) {
      for (let channel = 0; channel < keyValueWidth; channel++)
        floats[to + channel * stride + row] = floats[from + row * keyValueWidth + channel] ?? 0;
    }
  }

  function attend(layer: LayerWeights, keys: Pointer, values: Pointer, first: number, rows: number): void {
    kernels.rmsNorm(normed, hidden, layer.attentionNorm, rows, width, config.normEpsilon);
    const newKeys = keys + first * keyValueWidth * 4;
    linear(queries, normed, layer.query, rows, width, width);
    linear(newKeys, normed, layer.key, rows, width, keyValueWidth);
    linear(newValues, normed, layer.value, rows, width, keyValueWidth);
    kernels.rope(queries, width, rows, headCount, headSize, cosines, sines, first);
    kernels.rope(newKeys, keyValueWidth, rows, config.keyValueHeadCount, headSize, cosines, sines, first);
    storeValues(values, first, rows);
    for (let head = 0; head < headCount; head++) {
      const channel = Math.floor(head / groupSize) * headSize;
      const offset = head * headSize * 4;
      kernels.attentionScores(scores, stride, queries + offset, width, keys + channel * 4, keyValueWidth, rows, headSize, first);
      kernels.softmax(scores, stride, rows, first + 1, 1, scale);
      kernels.attentionMix(mixed + offset, width, scores, stride, values + channel * stride * 4, stride, rows, headSize, first);
    }
    linear(normed, mixed, layer.attentionOutput, rows, width, width);
    kernels.addInPlace(hidden, normed, rows * width);
  }

  function feedForward(layer: LayerWeights, rows: number): void {
    kernels.rmsNorm(normed, hidden, layer.feedForwardNorm, rows, width, config.normEpsilon);
    linear(gates, normed, layer.gate, rows, width, feedForwardWidth);
    linear(ups, normed, layer.up, rows, width, feedForwardWidth);
    kernels.siluMultiply(gates, ups, rows * feedForwardWidth);
    linear(normed, gates, layer.down, rows, feedForwardWidth, width);
    kernels.addInPlace(hidden, normed, rows * width);
  }

  return {
    width,
    cacheBytes: cacheFloats * 2 * config.layerCount * 4,
    acquireCache() {
      const idle = idleCaches.pop();
      if (idle === undefined) {
        const allocate = () => Array.from({ length: config.layerCount }, () => arena.allocate(cacheFloats));
        return { length: 0, keys: allocate(), values: allocate() };
      }
      idle.length = 0;
      return idle;
    },
    releaseCache(cache) {
      // The attention multiplies the few values past the end of a row by zero; left-overs that are not finite would survive that.
      for (const values of cache.values) arena.view(values, cacheFloats).fill(0);
      idleCaches.push(cache);
    },
    forward(cache, tokens) {
      const rows = tokens.length;
      const first = cache.length;
      if (rows < 1 || first + rows > contextTokens) throw new RangeError(`cannot append ${rows} tokens to ${first} of ${contextTokens}`);
      const floats = arena.floats();
      tokens.forEach((token, row) => {
        const from = weights.embedding / 4 + token * width;
        floats.copyWithin(hidden / 4 + row * width, from, from + width);
      });
      weights.layers.forEach((layer, i) => {
        attend(layer, cache.keys[i] ?? 0, cache.values[i] ?? 0, first, rows);
        feedForward(layer, rows);
      });
      cache.length = first + rows;
    },
    states(rows) {
      kernels.rmsNorm(normed, hidden, weights.outputNorm, rows, width, config.normEpsilon);
      return arena.view(normed, rows * width);
    },
    logits(firstRow, rows) {
      if (rows < 1 || rows > LOGIT_ROWS) throw new RangeError(`cannot make ${rows} rows of logits at once`);
      kernels.rmsNorm(normed, hidden + firstRow * width * 4, weights.outputNorm, rows, width, config.normEpsilon);
      linear(logitRows, normed, weights.output, rows, width, vocabularySize);
      return logitRows;
    },
  };
}
