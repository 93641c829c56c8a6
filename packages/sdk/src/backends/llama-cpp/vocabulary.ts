import { z } from "zod";

const metadataSchema = z.looseObject({
  tokenizer: z.looseObject({
    ggml: z.looseObject({ model: z.string(), tokens: z.array(z.string()), token_type: z.array(z.number()).default([]) }),
  }),
});

const templateSchema = z.looseObject({ tokenizer: z.looseObject({ chat_template: z.string().min(1) }) });

/** GGUF's numbers of kinds of tokens that say something else than their name's bytes. */
const CONTROL = 3;
const USER_DEFINED = 4;

/** A model's vocabulary. */
export type Vocabulary = {
  /** Number of tokens; 0 when the file does not say. */
  readonly size: number;
  /** The bytes of a token, none for one that only steers; null where the vocabulary's encoding is not known. */
  bytesOf(token: number): Uint8Array | null;
  /** A token as the file writes it, undecoded; empty for one that is not there. */
  nameOf(token: number): string;
};

/**
 * The vocabulary of a GGUF file's metadata: `gpt2` writes each byte as one printable character, `llama` (SentencePiece)
 * writes text with U+2581 for a space and `<0xNN>` for single bytes. Other vocabularies give null.
 */
export function readVocabulary(metadata: unknown): Vocabulary {
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) return { size: 0, bytesOf: () => null, nameOf: () => "" };
  const { model, tokens, token_type: kinds } = parsed.data.tokenizer.ggml;
  const decode = decoderOf(model);
  return {
    size: tokens.length,
    bytesOf(token) {
      const text = tokens[token];
      if (text === undefined) return null;
      if (kinds[token] === CONTROL) return new Uint8Array(0);
      return kinds[token] === USER_DEFINED ? new TextEncoder().encode(text) : decode(text);
    },
    nameOf: (token) => tokens[token] ?? "",
  };
}

/** The chat template of a GGUF file's metadata; null where there is none. */
export function templateSourceOf(metadata: unknown): string | null {
  const parsed = templateSchema.safeParse(metadata);
  return parsed.success ? parsed.data.tokenizer.chat_template : null;
}

function decoderOf(vocabulary: string): (text: string) => Uint8Array | null {
  if (vocabulary === "gpt2") return decodeByteLevel;
  if (vocabulary === "llama") return decodeSentencePiece;
  return () => null;
}

const byteOfCharacter = createByteAlphabet();

/** GPT-2's byte alphabet: printable Latin-1 stands for itself, every other byte for U+0100 and on, in order. */
function createByteAlphabet(): ReadonlyMap<string, number> {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  const alphabet = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte += 1) alphabet.set(String.fromCodePoint(isPrintable(byte) ? byte : next++), byte);
  return alphabet;
}

function decodeByteLevel(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) return new TextEncoder().encode(text);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function decodeSentencePiece(text: string): Uint8Array {
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(text)?.[1];
  return byte === undefined ? new TextEncoder().encode(text.replaceAll("\u2581", " ")) : Uint8Array.of(Number.parseInt(byte, 16));
}
