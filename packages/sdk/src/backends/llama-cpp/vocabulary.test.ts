import { describe, expect, it } from "@jest/globals";
import { readVocabulary } from "./vocabulary.js";

const metadata = (model: string, tokens: readonly string[]) => ({ tokenizer: { ggml: { model, tokens } } });

describe("readVocabulary", () => {
  it("reads GPT-2's byte alphabet", () => {
    const { size, bytesOf } = readVocabulary(metadata("gpt2", ["Ġthe", "Ċ", "ðŁĺ", "Ń"]));
    expect(size).toBe(4);
    expect(bytesOf(0)).toEqual(new TextEncoder().encode(" the"));
    expect(bytesOf(1)).toEqual(Uint8Array.of(0x0a));
    expect(bytesOf(2)).toEqual(Uint8Array.of(0xf0, 0x9f, 0x98));
    expect(bytesOf(3)).toEqual(Uint8Array.of(0xad));
    expect(bytesOf(4)).toBeNull();
  });

  it("reads SentencePiece's spaces and bytes", () => {
    const { bytesOf } = readVocabulary(metadata("llama", ["\u2581the", "<0x0A>", "é"]));
    expect(bytesOf(0)).toEqual(new TextEncoder().encode(" the"));
    expect(bytesOf(1)).toEqual(Uint8Array.of(0x0a));
    expect(bytesOf(2)).toEqual(new TextEncoder().encode("é"));
  });

  it("knows no bytes of other vocabularies and of files without one", () => {
    expect(readVocabulary(metadata("bert", ["the"])).bytesOf(0)).toBeNull();
    expect(readVocabulary({})).toMatchObject({ size: 0 });
  });
});
