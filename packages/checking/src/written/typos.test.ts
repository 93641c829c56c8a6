import { describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { addTypos } from "./typos.js";

const typed = (text: string, seed: string) => addTypos(text, createSeededRandom(seed, []));
const long = "Please explain where the number of visitors comes from and whether anybody counted them before. ".repeat(4);

describe("addTypos", () => {
  it("changes a few letters of some words, and nothing that is written in one hand with them", () => {
    const words = long.split(" ");
    for (const seed of ["1", "2", "3", "4"]) {
      const changed = typed(long, seed).split(" ");
      expect(changed).toHaveLength(words.length);
      const mistyped = changed.filter((word, index) => word.toLowerCase() !== (words[index] ?? "").toLowerCase());
      expect({ seed, isSome: mistyped.length > 0 && mistyped.length < words.length / 4 }).toEqual({ seed, isSome: true });
      for (const [index, word] of changed.entries()) expect(Math.abs(word.length - (words[index] ?? "").length)).toBeLessThanOrEqual(1);
    }
  });

  it("leaves code and addresses alone, whoever types them", () => {
    const code = "```ts\nconst counter = createCounter(initialValue);\n```";
    const text = `${long}\n${code}\n${long} \`someFunctionName\` https://example.org/whatever/pages`;
    for (const seed of ["1", "2", "3", "4"]) {
      const changed = typed(text, seed);
      for (const kept of [code, "`someFunctionName`", "https://example.org/whatever/pages"]) expect(changed).toContain(kept);
    }
  });
});
