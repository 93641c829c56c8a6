import type { ClaimedToken } from "@vision/protocol";
import { VisionError } from "@vision/protocol";
import { LRUCache } from "lru-cache";
import type { VllmServer } from "./vllm-server.js";

/** What a server's tokenizer says, found out by asking. */
export type VllmVocabulary = {
  /** Longest prompt plus answer, tokens: one less than the server's, which always writes one token. */
  readonly contextTokens: number;
  readonly endTokens: readonly number[];
  encode(text: string, signal: AbortSignal): Promise<readonly number[]>;
  decode(tokenIds: readonly number[], signal: AbortSignal): Promise<string>;
  idOf(token: ClaimedToken, signal: AbortSignal): Promise<number | null>;
};

/** Stands before what is decoded, because some tokenizers leave out the space that a text begins with. */
const ANCHOR = "a";

/** A text on which a tokenizer that tidies up what it decodes shows itself. */
const ROUND_TRIP = "a . b , it 's  <3\n\n Café 🍎 !";

/** Names of tokens that end an answer or a text in usual vocabularies. Each is tried; a name that is none changes nothing. */
const END_NAMES = [
  ...["<|im_end|>", "<|endoftext|>", "</s>", "<eos>", "<|eot_id|>", "<|end_of_text|>", "<|eom_id|>", "<end_of_turn>", "<|eot|>"],
  ...["<|end|>", "<|return|>", "<|call|>", "<|user|>", "<|observation|>", "<|END_OF_TURN_TOKEN|>", "<｜end▁of▁sentence｜>", "[e~["],
];

/** How special tokens are called: `<|im_end|>`, `<s>`, `[INST]`. */
const SPECIAL_NAME = /<[^\s<>]+>|\[[A-Z0-9_/]+\]/;
const WHOLE_SPECIAL_NAME = new RegExp(`^(?:${SPECIAL_NAME.source})$`);

/** Ids beyond this are in no vocabulary. */
const MOST_TOKENS = 2 ** 22;

/** Tokens whose names are asked for in one request. */
const NAMES_AT_ONCE = 2048;

/** Same text, as many ids looked at. */
const MOST_NAMESAKES = 4;

const REMEMBERED = 65_536;

/**
 * Asks a server for all of its vocabulary that HTTP does not tell: its size, what ends an answer, which tokens are not shown. A token is
 * tried by letting the server write it: an end token then ends the answer, and one that is not shown leaves its text empty.
 *
 * @throws VisionError `REFERENCE_UNAVAILABLE` where the server fails, or decodes another text than was encoded.
 */
export async function readVllmVocabulary(server: VllmServer, model: string, signal: AbortSignal): Promise<VllmVocabulary> {
  const isSilent = new LRUCache<number, boolean>({ max: REMEMBERED });
  const idByClaim = new LRUCache<string, { readonly id: number | null }>({ max: REMEMBERED });
  let names: Promise<ReadonlyMap<string, readonly number[]>> | null = null;

  const contextTokens = (await server.maxModelTokens(signal)) - 1;
  const anchor = await encode(ANCHOR, signal);
  const size = await findSize();
  const endTokens = await findEndTokens();
  const returned = await decode(await encode(ROUND_TRIP, signal), signal);
  if (returned !== ROUND_TRIP) {
    throw unusable(
      `decodes ${JSON.stringify(ROUND_TRIP)} as ${JSON.stringify(returned)}`,
      'Honest answers would be judged wrong: set "clean_up_tokenization_spaces" to false in the model\'s tokenizer_config.json.',
    );
  }
  return { contextTokens, endTokens, encode, decode, idOf };

  function unusable(what: string, hint: string) {
    return new VisionError({ code: "REFERENCE_UNAVAILABLE", message: `The tokenizer of ${model} at the vLLM server ${what}.`, hint });
  }

  async function encode(text: string, asking: AbortSignal) {
    if (text === "") return [];
    const result = await server.tokenize({ kind: "text", text }, asking);
    if (result.kind === "refused") throw unusable(`refuses a text: ${result.reason}`, "Is it a language model?");
    return result.value;
  }

  /** What tokens say in the middle of a text, special ones by name. */
  async function say(tokenIds: readonly number[], asking: AbortSignal) {
    const text = await server.detokenize([...anchor, ...tokenIds], asking);
    return text.slice(text.indexOf(ANCHOR) + ANCHOR.length);
  }

  async function write(nextToken: number, asking: AbortSignal) {
    const written = await server.continue({ promptTokens: anchor, nextToken }, asking);
    if (written.kind === "refused") throw unusable(`does not write token ${nextToken}: ${written.reason}`, "Is it vLLM 0.10 or newer?");
    return written.value;
  }

  /** One more than the largest id that the server knows. */
  async function findSize() {
    let [known, unknown] = [0, MOST_TOKENS];
    while (unknown - known > 1) {
      const middle = Math.floor((known + unknown) / 2);
      const result = await server.continue({ promptTokens: [middle] }, signal);
      if (result.kind === "answered") known = middle;
      else if (result.reason.includes("out of vocabulary")) unknown = middle;
      else throw unusable(`does not read token ${middle}: ${result.reason}`, "Is it a language model?");
    }
    return known + 1;
  }

  async function findEndTokens() {
    const named = await Promise.all(END_NAMES.map((name) => encode(name, signal)));
    // What a template puts behind an answer; models without one have none.
    const messages = ["user", "assistant"].map((role) => ({ role, content: ANCHOR }));
    const talked = await server.tokenize({ kind: "chat", messages, end: "closed" }, signal);
    const single = named.flatMap((ids) => (ids.length === 1 ? ids : []));
    const candidates = [...new Set([...single, ...(talked.kind === "answered" ? talked.value : [])])];
    const tried = await Promise.all(candidates.map(async (id) => ((await write(id, signal)).isEnd ? [id] : [])));
    const found = tried.flat();
    if (found.length === 0) throw unusable("has no token that ends an answer", "Serve the model with its own tokenizer and chat template.");
    return found;
  }

  /** The names of tokens as the server lists them in a prompt. */
  async function namesOf(tokenIds: readonly number[], asking: AbortSignal) {
    const found = new Map<number, string>();
    const step = Math.min(NAMES_AT_ONCE, contextTokens - anchor.length);
    for (let first = 0; first < tokenIds.length; first += step) {
      const part = tokenIds.slice(first, first + step);
      const result = await server.continue({ promptTokens: [...anchor, ...part], bestCount: 0 }, asking);
      if (result.kind === "refused") throw unusable(`does not name its tokens: ${result.reason}`, "Is it vLLM 0.10 or newer?");
      for (const [index, id] of part.entries()) {
        found.set(id, result.value.promptScores[anchor.length + index]?.get(id)?.name ?? "");
      }
    }
    return found;
  }

  async function isNotShown(id: number, asking: AbortSignal) {
    const known = isSilent.get(id);
    if (known !== undefined) return known;
    const found = (await write(id, asking)).text === "";
    isSilent.set(id, found);
    return found;
  }

  async function decode(tokenIds: readonly number[], asking: AbortSignal) {
    if (tokenIds.length === 0) return "";
    const text = await say(tokenIds, asking);
    if (!SPECIAL_NAME.test(text)) return text;
    const unsure = [...new Set(tokenIds)].filter((id) => !isSilent.has(id));
    for (const [id, name] of await namesOf(unsure, asking)) {
      if (WHOLE_SPECIAL_NAME.test(name)) await isNotShown(id, asking);
      else isSilent.set(id, false);
    }
    const shown = tokenIds.filter((id) => isSilent.get(id) !== true);
    return shown.length === tokenIds.length ? text : say(shown, asking);
  }

  /** All ids by what the server calls them, without spaces before, which some tokenizers leave out. Read once, where a claim has no id. */
  function readNames() {
    names ??= namesOf(
      Array.from({ length: size }, (_, id) => id),
      signal,
    ).then(
      (found) => {
        const byName = new Map<string, number[]>();
        for (const [id, name] of found) {
          const key = name.trimStart();
          byName.set(key, [...(byName.get(key) ?? []), id]);
        }
        return byName;
      },
      (error: unknown) => {
        names = null;
        throw error;
      },
    );
    return names;
  }

  async function find(text: string, asking: AbortSignal) {
    const known = idByClaim.get(text);
    if (known !== undefined) return known.id;
    const [only, ...others] = await encode(text, asking);
    const candidates = others.length === 0 && only !== undefined ? [only] : ((await readNames()).get(text.trimStart()) ?? []);
    let id: number | null = null;
    for (const candidate of candidates.slice(0, MOST_NAMESAKES)) {
      if (id === null && (await say([candidate], asking)) === text) id = candidate;
    }
    idByClaim.set(text, { id });
    return id;
  }

  async function idOf({ id, bytes, text }: ClaimedToken, asking: AbortSignal) {
    if (id !== undefined) return Number.isInteger(id) && id >= 0 && id < size ? id : null;
    const said = bytes === null || bytes.length === 0 ? text : readUtf8(bytes);
    return said === null || said === "" ? null : find(said, asking);
  }
}

function readUtf8(bytes: readonly number[]): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}
