import { describe, expect, it } from "@jest/globals";
import { chooseToken } from "./choose-token.js";
import { samplingNoise } from "./sampling-noise.js";

/** As llama.cpp hands them over at temperature 0: the best token, raw logits, and the sum of exp(logit - max). */
function outputOf(logits: readonly number[]) {
  const max = Math.max(...logits);
  const totalLogitWeight = logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0);
  return { next: { token: logits.indexOf(max), logits: new Map(logits.map((logit, token) => [token, logit])), totalLogitWeight } };
}

const base = { temperature: 0, seed: 1, position: 0, topLogprobs: 0 };

describe("chooseToken", () => {
  it("takes the best token at temperature 0, with its logprob over the whole vocabulary", () => {
    const { token, logprob } = chooseToken(outputOf([1, 3, 2]), base);
    expect(token).toBe(1);
    expect(logprob).toBeCloseTo(3 - Math.log(Math.exp(1) + Math.exp(3) + Math.exp(2)), 12);
  });

  it("lists the best alternatives first", () => {
    const { top } = chooseToken(outputOf([1, 3, 2]), { ...base, topLogprobs: 2 });
    expect(top.map(({ token }) => token)).toEqual([1, 2]);
  });

  it("samples as often as softmax of the logits at the temperature says", () => {
    const logits = [0, 1, 2];
    const temperature = 0.8;
    const draws = 20_000;
    const counts = [0, 0, 0];
    for (let position = 0; position < draws; position += 1) {
      const { token } = chooseToken(outputOf(logits), { ...base, temperature, position });
      counts[token] = (counts[token] ?? 0) + 1;
    }
    const weights = logits.map((logit) => Math.exp(logit / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    counts.forEach((count, token) => {
      expect(count / draws).toBeCloseTo((weights[token] ?? 0) / total, 1.7);
    });
  });

  it("draws the same token for the same seed and position", () => {
    const options = { ...base, temperature: 1, seed: 77, position: 3 };
    expect(chooseToken(outputOf([1, 1, 1, 1]), options)).toEqual(chooseToken(outputOf([1, 1, 1, 1]), options));
  });

  it("fails when llama.cpp hands over nothing", () => {
    expect(() => chooseToken(undefined, base)).toThrow("no logits");
    expect(() => chooseToken({ next: { token: null } }, base)).toThrow("no logits");
  });
});

describe("samplingNoise", () => {
  it("stays inside (0, 1) and depends on each of its counters", () => {
    const values = [samplingNoise(1, 0, 0), samplingNoise(2, 0, 0), samplingNoise(1, 1, 0), samplingNoise(1, 0, 1)];
    expect(new Set(values).size).toBe(4);
    for (let token = 0; token < 10_000; token += 1) {
      const value = samplingNoise(2 ** 31 - 1, 500, token);
      expect(value > 0 && value < 1).toBe(true);
    }
  });
});
