import { describe, expect, it } from "@jest/globals";
import { cleanText } from "./clean-text.js";

const clean = (text: string, isEnded = true) => cleanText({ text, isEnded });

describe("cleanText", () => {
  it("leaves a text as it is that a user might have typed", () => {
    for (const text of [
      "why is the sky blue",
      "Erkläre mir das bitte.\n\nDanke!",
      "Fix this:\n```ts\nconst a = 1;\n```",
      'Say "hello" to "Bob"',
    ]) {
      expect(clean(text)).toBe(text);
    }
    expect(clean("  two spaces \n")).toBe("two spaces");
  });

  it("takes off what a model puts around it", () => {
    expect(clean("Sure! Here is the text:\n\nHow do I boil an egg?")).toBe("How do I boil an egg?");
    expect(clean('"How do I boil an egg?"')).toBe("How do I boil an egg?");
    expect(clean("“How do I boil an egg?”")).toBe("How do I boil an egg?");
    expect(clean("User: How do I boil an egg?")).toBe("How do I boil an egg?");
  });

  it("refuses what no user would have typed, and would tell where it comes from", () => {
    const refused = [
      "",
      "?",
      "As an AI, I have no plants.",
      "I'm sorry, but I can't write that.",
      "What a person types to an assistant: hello.",
      "Hello. No heading, no quotation marks.",
      "Hello<|im_end|>",
      "caf\uFFFD",
      "Look at this:\n```js\nlet a",
      "long ".repeat(1_000),
    ];
    for (const text of refused)
      expect({ text: text.slice(0, 40), cleaned: clean(text) }).toEqual({ text: text.slice(0, 40), cleaned: null });
  });

  it("ends a text that was cut off with its last whole sentence or line", () => {
    expect(clean("I have a cat. It is ill. What sho", false)).toBe("I have a cat. It is ill.");
    expect(clean("Translate:\nthe first line\nthe sec", false)).toBe("Translate:\nthe first line");
    expect(clean("one sentence that never ends", false)).toBeNull();
  });
});
