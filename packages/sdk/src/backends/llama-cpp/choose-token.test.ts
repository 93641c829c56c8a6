import { describe, expect, it } from "@jest/globals";
import { completionSampling } from "../request-defaults.js";
import { createTokenSampler } from "../text/token-sampler.js";
import { chooseToken } from "./choose-token.js";

/** As llama.cpp hands them over at temperature 0: the best token, raw logits, and the sum of exp(logit - max). */
function outputOf(logits: readonly number[]) {
  const max = Math.max(...logits);
  const totalLogitWeight = logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0);
  return { next: { token: logits.indexOf(max), logits: new Map(logits.map((logit, token) => [token, logit])), totalLogitWeight } };
}

function samplerOf(request: Readonly<Record<string, unknown>>) {
  return createTokenSampler(completionSampling({ model: "m", prompt: "x", ...request }, 1), [1]);
}
const base = { sampler: samplerOf({ temperature: 0 }), position: 0, topLogprobs: 0 };

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
      const { token } = chooseToken(outputOf(logits), { ...base, sampler: samplerOf({ temperature }), position });
      counts[token] = (counts[token] ?? 0) + 1;
    }
    const weights = logits.map((logit) => Math.exp(logit / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    counts.forEach((count, token) => {
      expect(count / draws).toBeCloseTo((weights[token] ?? 0) / total, 1.7);
    });
  });

  it("draws the same token for the same seed and position", () => {
    const draw = () => chooseToken(outputOf([1, 1, 1, 1]), { ...base, sampler: samplerOf({ temperature: 1, seed: 77 }), position: 3 });
    expect(draw()).toEqual(draw());
  });

  it("draws only of what top-p and top-k leave, and what penalties leave likely", () => {
    for (let position = 0; position < 200; position += 1) {
      const of = (request: Readonly<Record<string, unknown>>) =>
        chooseToken(outputOf([2, 1.9, 1.8, 0]), { ...base, sampler: samplerOf({ temperature: 1, ...request }), position }).token;
      expect([0, 1]).toContain(of({ top_k: 2 }));
      expect([0, 1]).toContain(of({ top_p: 0.6 }));
      expect([0, 1, 2]).toContain(of({ min_p: 0.5 }));
      expect(of({ temperature: 0, repetition_penalty: 1.3 })).toBe(0);
      expect(of({ temperature: 0, logit_bias: { "3": 5 } })).toBe(3);
    }
  });

  it("fails when llama.cpp hands over nothing", () => {
    expect(() => chooseToken(undefined, base)).toThrow("no logits");
    expect(() => chooseToken({ next: { token: null } }, base)).toThrow("no logits");
  });
});
