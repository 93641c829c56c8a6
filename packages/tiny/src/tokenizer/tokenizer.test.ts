import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { parseGguf } from "../gguf/parse-gguf.js";
import { readModelFile } from "../model-files.js";
import { createTokenizer } from "./tokenizer.js";

const tokenizer = createTokenizer(parseGguf(await readModelFile("tiny-lm-small-q8_0")));
const IM_END = 2;

describe("createTokenizer", () => {
  it("encodes as the model was trained", () => {
    expect(tokenizer.encode("Hello, it's 2026! Ünïcode <|im_end|>  ok\n")).toEqual([
      1885, 14, 333, 630, 1067, 20, 24, 3, 223, 130, 253, 80, 130, 110, 69, 394, 71, 223, 30, 94, 330, 65, 452, 94, 32, 223, 302, 77, 201,
    ]);
  });

  it("decodes to the text it encoded, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it("never makes a special token of a text, however it is put together", () => {
    const piece = fc.constantFrom("<|", "im_end", "|>", "<|im_start|>", "<|im_end|>", "<|endoftext|>", " ", "\n", "a");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(tokenizer.encode(pieces.join("")).filter(tokenizer.isSpecialToken)).toEqual([]);
      }),
    );
  });

  it("makes special tokens of trusted text when asked to", () => {
    expect(tokenizer.encodeWithSpecialTokens("ok<|im_end|>")).toEqual([...tokenizer.encode("ok"), IM_END]);
  });

  it("finds every ordinary token by its bytes, and no special one", () => {
    for (let id = 0; id < tokenizer.vocabularySize; id++) {
      const bytes = tokenizer.tokenBytes(id);
      expect([id, tokenizer.idOfBytes(bytes)]).toEqual([id, tokenizer.isSpecialToken(id) ? undefined : id]);
      expect(bytes.length).toBeLessThanOrEqual(tokenizer.longestTokenBytes);
    }
    expect(tokenizer.idOfBytes(Buffer.from("<|im_end|>"))).toBeUndefined();
    expect(tokenizer.idOfBytes(Buffer.from("no such token"))).toBeUndefined();
  });

  it("hands out bytes that a caller may change", () => {
    tokenizer.tokenBytes(1885).fill(0);
    expect(tokenizer.decode([1885])).toBe("Hello");
  });

  it("encodes one word of 8 KB without running away", () => {
    const text = "ab".repeat(4096);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it.each([-1, 4096, 1.5, Number.NaN])("refuses %p as a token", (id) => {
    expect(() => tokenizer.decode([id])).toThrow(expect.objectContaining({ code: "TINY_INVALID_INPUT" }));
  });
});
