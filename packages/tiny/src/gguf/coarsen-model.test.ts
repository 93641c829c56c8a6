import { describe, expect, it } from "@jest/globals";
import { loadLanguageModel } from "../language-model/language-model.js";
import { readModelFile } from "../model-files.js";
import { coarsenModel } from "./coarsen-model.js";

const file = await readModelFile("tiny-lm-small-q8_0");

describe("coarsenModel", () => {
  it("makes the model worse by every bit, and leaves the file as it was", async () => {
    const model = await loadLanguageModel(file);
    const promptTokens = model.completionPrompt("Once upon a time");
    const outputTokens = [...model.generate({ promptTokens, maxTokens: 60, temperature: 0, seed: 1 })].map(({ tokenId }) => tokenId);
    const own = model.score({ promptTokens, outputTokens });
    const distances: number[] = [];
    for (const bits of [8, 6, 4]) {
      const scores = (await loadLanguageModel(coarsenModel(file, bits))).score({ promptTokens, outputTokens });
      distances.push(scores.reduce((sum, { logprob }, index) => sum + Math.abs(logprob - (own[index]?.logprob ?? 0)), 0) / scores.length);
    }
    const [at8 = 0, at6 = 0, at4 = 0] = distances;
    expect(at8).toBe(0);
    expect(at6).toBeGreaterThan(0.001);
    expect(at4).toBeGreaterThan(2 * at6);
  });

  it("refuses bits that make no precision", () => {
    for (const bits of [1, 9, 4.5, Number.NaN]) expect(() => coarsenModel(file, bits)).toThrow("2 to 8");
  });
});
