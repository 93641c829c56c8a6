import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createKernels } from "./kernels.js";

const { kernels, arena } = await createKernels();

/** Copies values into the arena. */
function put(values: ArrayLike<number>): number {
  const pointer = arena.allocate(values.length);
  arena.view(pointer, values.length).set(values);
  return pointer;
}

/** Numbers that look random and are the same in every run. */
function numbers(count: number, seed = 1): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 * seed) * 2);
}

describe("matmul", () => {
  it.each([1, 2, 3, 64, 65, 131])("multiplies %i rows", (rows) => {
    const [inner, columns] = [12, 8];
    const [x, w] = [numbers(rows * inner), numbers(columns * inner, 2)];
    const out = arena.allocate(rows * columns);
    kernels.matmul(out, columns, put(x), inner, put(w), inner, rows, inner, columns);
    arena.view(out, rows * columns).forEach((value, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const expected = Array.from({ length: inner }, (_, k) => (x[row * inner + k] ?? 0) * (w[column * inner + k] ?? 0));
      expect(value).toBeCloseTo(
        expected.reduce((a, b) => a + b, 0),
        4,
      );
    });
  });
});

describe("causal attention", () => {
  it.each([
    [1, 0],
    [1, 6],
    [7, 0],
    [8, 3],
    [5, 2],
  ])("of %i rows from position %i gives the bits of the same without leaving anything out", (rows, first) => {
    const headSize = 8;
    const stride = 16;
    const [queries, keys, values] = [put(numbers(rows * headSize)), put(numbers(stride * headSize, 2)), put(numbers(stride * headSize, 3))];
    const seen = Math.ceil((first + rows) / 4) * 4;

    const scores = arena.allocate(rows * stride);
    const out = arena.allocate(rows * headSize);
    arena.view(scores, rows * stride).fill(1e30);
    kernels.attentionScores(scores, stride, queries, headSize, keys, headSize, rows, headSize, first);
    kernels.softmax(scores, stride, rows, first + 1, 1, 0.5);
    kernels.attentionMix(out, headSize, scores, stride, values, stride, rows, headSize, first);

    const fullScores = arena.allocate(rows * stride);
    const fullOut = arena.allocate(rows * headSize);
    kernels.matmul(fullScores, stride, queries, headSize, keys, headSize, rows, headSize, seen);
    for (let row = 0; row < rows; row++) {
      kernels.softmax(fullScores + row * stride * 4, stride, 1, first + row + 1, 0, 0.5);
      arena.view(fullScores + row * stride * 4, stride).fill(0, first + row + 1);
    }
    kernels.matmul(fullOut, headSize, fullScores, stride, values, stride, rows, seen, headSize);
    expect([...arena.view(out, rows * headSize)]).toEqual([...arena.view(fullOut, rows * headSize)]);
  });
});

/** MurmurHash3, 32 bits, seed 0, of 32-bit words, as its author wrote it down. */
function murmur3(words: readonly number[]): number {
  const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));
  let hash = 0;
  for (const word of words)
    hash = Math.imul(rotate(hash ^ Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593), 13), 5) + 0xe6546b64;
  hash ^= 4 * words.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

describe("pickToken", () => {
  /** The draw as its definition has it, with the noise of every token. */
  function pickByDefinition(logits: readonly number[], temperature: number, seed: readonly [number, number], position: number): number {
    const [seedLow, seedHigh] = seed;
    let best = 0;
    let bestValue = Number.NEGATIVE_INFINITY;
    logits.forEach((logit, token) => {
      const bits = murmur3([seedLow, seedHigh, position, token]);
      const value = Math.fround(logit) / Math.fround(temperature) - Math.log(-Math.log1p(-(bits + 0.5) / 2 ** 32));
      if (value > bestValue) [best, bestValue] = [token, value];
    });
    return best;
  }

  it("draws what its definition says, though it skips most of the noise", () => {
    const start = arena.mark();
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
        fc.nat(131_071),
        (logits, temperature, seed, position) => {
          arena.release(start);
          expect(kernels.pickToken(put(logits), logits.length, temperature, ...seed, position)).toBe(
            pickByDefinition(logits, temperature, seed, position),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("draws each token about as often as its probability", () => {
    const probabilities = [0.5, 0.25, 0.125, 0.125];
    const logits = put(probabilities.map(Math.log));
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 8000; seed++) {
      const token = kernels.pickToken(logits, 4, 1, seed, 0, seed % 7);
      counts[token] = (counts[token] ?? 0) + 1;
    }
    // Four standard deviations of a share of one half in 8000 draws.
    counts.forEach((count, i) => {
      expect(Math.abs(count / 8000 - (probabilities[i] ?? 0))).toBeLessThan(0.0224);
    });
  });

  it("takes the largest logit at temperature 0, the first of equals", () => {
    expect(kernels.pickToken(put([1, 3, 3, 2]), 4, 0, 9, 0, 9)).toBe(1);
  });
});

describe("logSumExp", () => {
  it("does not overflow", () => {
    expect(kernels.logSumExp(put([1000, 1000]), 2)).toBeCloseTo(1000 + Math.LN2, 3);
  });
});
