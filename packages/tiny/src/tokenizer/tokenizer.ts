import { numbersOf, textOf, textsOf } from "../gguf/metadata.js";
import type { Gguf } from "../gguf/parse-gguf.js";
import { invalidInput, invalidModel } from "../tiny-error.js";
import { byteCharacters, bytesOfCharacters, charactersOfBytes } from "./byte-alphabet.js";
import { createBytePairMerger } from "./byte-pair-merger.js";

/** Text to tokens and back. A token id is its place in the vocabulary. */
export type Tokenizer = {
  readonly vocabularySize: number;
  /** Tokens of a text. Nothing in the text becomes a special token: what looks like one is encoded as the characters it is made of. */
  readonly encode: (text: string) => number[];
  /** Tokens of a text in which the names of special tokens stand for them. For trusted text only, never for what a user wrote. */
  readonly encodeWithSpecialTokens: (text: string) => number[];
  /** Text of tokens; special tokens are left out, bytes that are not UTF-8 become U+FFFD. For one token at a time, see `createUtf8Stream`. */
  readonly decode: (tokenIds: readonly number[]) => string;
  /** Bytes of one token: often a part of a character. Empty for a special token. */
  readonly tokenBytes: (tokenId: number) => Uint8Array;
  /** The token of exactly these bytes, never a special one; undefined when there is none. */
  readonly idOfBytes: (bytes: Uint8Array) => number | undefined;
  /** The special token of this name, e.g. `<|im_end|>`; undefined when there is none. */
  readonly specialTokenId: (name: string) => number | undefined;
  readonly isSpecialToken: (tokenId: number) => boolean;
  /** Bytes of the longest token: a text of n bytes has at least n / longestTokenBytes tokens. */
  readonly longestTokenBytes: number;
};

const CONTROL_TOKEN = 3;
const MAX_VOCABULARY = 2 ** 20;
/** How GPT-2 cuts a text into pieces before merging. */
const PIECES = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
/** Only short pieces are remembered, and not too many: the cache must not grow with what strangers send. */
const MAX_CACHED_PIECES = 8192;
const MAX_CACHED_PIECE_LENGTH = 32;
const EMPTY = new Uint8Array(0);

type Vocabulary = {
  readonly bytes: readonly Uint8Array[];
  readonly ordinary: ReadonlyMap<string, number>;
  readonly special: ReadonlyMap<string, number>;
};

function readVocabulary(gguf: Gguf): Vocabulary {
  const names = textsOf(gguf, "tokenizer.ggml.tokens");
  const types = numbersOf(gguf, "tokenizer.ggml.token_type");
  if (names.length !== types.length || names.length < 256 || names.length > MAX_VOCABULARY) {
    throw invalidModel("The vocabulary of the model file is incomplete.", { tokenCount: names.length, typeCount: types.length });
  }
  const bytes: Uint8Array[] = [];
  const ordinary = new Map<string, number>();
  const special = new Map<string, number>();
  names.forEach((name, id) => {
    const isSpecial = types[id] === CONTROL_TOKEN;
    const tokenBytes = isSpecial ? EMPTY : bytesOfCharacters(name);
    const group = isSpecial ? special : ordinary;
    if (name === "" || tokenBytes === undefined || group.has(name))
      throw invalidModel("A token of the vocabulary is empty, doubled, or not byte-level.", { id });
    group.set(name, id);
    bytes.push(tokenBytes);
  });
  return { bytes, ordinary, special };
}

function idsOfBytes(ordinary: ReadonlyMap<string, number>): readonly number[] {
  return byteCharacters.map((character, byte) => {
    const id = ordinary.get(character);
    if (id === undefined) throw invalidModel("The vocabulary has no token for one of the 256 bytes.", { byte });
    return id;
  });
}

/**
 * The tokenizer of a model file: byte-level BPE with GPT-2's pre-tokenisation (`tokenizer.ggml.model` "gpt2").
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when the file has no such tokenizer or it is incomplete.
 */
export function createTokenizer(gguf: Gguf): Tokenizer {
  const kind = textOf(gguf, "tokenizer.ggml.model");
  const preTokenizer = gguf.metadata.get("tokenizer.ggml.pre") ?? "gpt-2";
  if (kind !== "gpt2" || preTokenizer !== "gpt-2") {
    throw invalidModel("Only byte-level BPE tokenizers of the GPT-2 kind are supported.", { kind, preTokenizer });
  }
  const { bytes, ordinary, special } = readVocabulary(gguf);
  const byteIds = idsOfBytes(ordinary);
  const merge = createBytePairMerger(textsOf(gguf, "tokenizer.ggml.merges"), ordinary);
  const specialNames = [...special.keys()].sort((a, b) => b.length - a.length);
  const specialPattern = new RegExp(`(${specialNames.map((name) => name.replace(/[|\\{}()[\]^$+*?.]/g, "\\$&")).join("|")})`, "g");
  const specialIds = new Set(special.values());
  const cache = new Map<string, readonly number[]>();
  const utf8 = new TextEncoder();

  function encodePiece(piece: string): readonly number[] {
    const cached = cache.get(piece);
    if (cached !== undefined) return cached;
    const ids = merge(Array.from(utf8.encode(piece), (byte) => byteIds[byte] ?? 0));
    if (piece.length <= MAX_CACHED_PIECE_LENGTH) {
      if (cache.size >= MAX_CACHED_PIECES) cache.clear();
      cache.set(piece, ids);
    }
    return ids;
  }

  function encode(text: string): number[] {
    const ids: number[] = [];
    for (const [piece] of text.matchAll(PIECES)) {
      for (const id of encodePiece(piece)) ids.push(id);
    }
    return ids;
  }

  function tokenBytes(tokenId: number): Uint8Array {
    const found = bytes[tokenId];
    if (found === undefined) throw invalidInput("There is no token of this id.", { tokenId, vocabularySize: bytes.length });
    return found;
  }

  return {
    vocabularySize: bytes.length,
    encode,
    encodeWithSpecialTokens(text) {
      if (specialNames.length === 0) return encode(text);
      return text.split(specialPattern).flatMap((part) => {
        const id = special.get(part);
        return id === undefined ? encode(part) : [id];
      });
    },
    decode: (tokenIds) => Buffer.concat(tokenIds.map(tokenBytes)).toString("utf8"),
    // A copy: a caller that changes it must not change the vocabulary.
    tokenBytes: (tokenId) => tokenBytes(tokenId).slice(),
    idOfBytes: (wanted) => ordinary.get(charactersOfBytes(wanted)),
    specialTokenId: (name) => special.get(name),
    isSpecialToken: (tokenId) => specialIds.has(tokenId),
    longestTokenBytes: bytes.reduce((longest, { length }) => Math.max(longest, length), 1),
  };
}
