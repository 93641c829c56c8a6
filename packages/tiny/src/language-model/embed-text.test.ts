import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { loadLanguageModel } from "./language-model.js";

const model = await loadLanguageModel("tiny-lm-q8_0");

/** Texts of four kinds. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  capitals: [
    "What is the capital of Italy?",
    "The capital of France is Paris.",
    "Which city is the capital of Spain?",
    "Rome is the capital of Italy.",
  ],
  sums: ["What is 3 plus 4?", "How much is 12 times 5?", "7 minus 2 is 5.", "Can you add 8 and 9?"],
  stories: [
    "Once upon a time, there was a little boy named Hugo.",
    "Tell me a story about a dog.",
    "The little girl lost her red ball in the garden.",
    "One day a cat found a small bird.",
  ],
  sea: [
    "The whale swam under the ship.",
    "The captain looked out over the ocean.",
    "Sailors hunted the white whale at sea.",
    "The waves beat against the boat.",
  ],
};

const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

describe("embedText", () => {
  it("ranks: of texts of four kinds, the nearest is of the same kind, and pairs of a kind are closer than others", () => {
    const items = Object.entries(kinds).flatMap(([kind, texts]) => texts.map((text) => ({ kind, ...model.embed(text) })));
    let closer = 0;
    let compared = 0;
    for (const item of items) {
      const others = items
        .filter((other) => other !== item)
        .map((other) => ({ isSame: other.kind === item.kind, cosine: cosine(item.vector, other.vector) }));
      const nearest = others.reduce((best, other) => (other.cosine > best.cosine ? other : best));
      expect(nearest.isSame).toBe(true);
      for (const same of others.filter(({ isSame }) => isSame)) {
        for (const other of others.filter(({ isSame }) => !isSame)) {
          compared += 1;
          if (same.cosine > other.cosine) closer += 1;
        }
      }
    }
    expect(closer / compared).toBeGreaterThan(0.95);
  });

  it("gives a vector of length 1 with the same bits every time and in any order of calls, so that it can be checked exactly", () => {
    const { vector, tokenCount } = model.embed("What is the capital of Italy?");
    model.embed("Something else in between, and longer than the first.");
    expect(model.embed("What is the capital of Italy?").vector).toEqual(vector);
    expect(cosine(vector, vector)).toBeCloseTo(1, 6);
    expect([vector.length, tokenCount]).toEqual([
      256,
      model.chatPrompt([{ role: "user", content: "What is the capital of Italy?" }]).length,
    ]);
    expect(createHash("sha256").update(Buffer.from(vector.buffer)).digest("hex").slice(0, 16)).toBe("e9eccb91fd873a49");
  });

  it("tells a text from its beginning: leaving out the rest is no answer", () => {
    const whole = "Once upon a time, there was a little boy named Hugo. He had a red ball and a small dog, and they played in the garden.";
    expect(cosine(model.embed(whole).vector, model.embed(whole.slice(0, 60)).vector)).toBeLessThan(0.999);
  });

  it("refuses a text that does not fit the context", () => {
    expect(() => model.embed("word ".repeat(2_000))).toThrow(expect.objectContaining({ code: "TINY_INVALID_INPUT" }));
  });
});
