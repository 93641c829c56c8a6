import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type ClaimedToken, VisionError } from "@vision/protocol";
import { BackendError, type LlamaEngine, loadLlamaEngine, readLlamaPrompt, scoreLlamaTokens, writeLlamaText } from "@vision/sdk/backends";
import type { ReferenceModel } from "../reference-model.js";
import { createSerialQueue } from "./serial-queue.js";

/** A model file on this machine. */
export type GgufModelOptions = {
  readonly path: string;
  /** What the file's bytes must hash to, hex; not looked at where it is left out. */
  readonly sha256?: string | undefined;
  readonly threads: number;
  /** Longest prompt plus answer, tokens; as much as fits memory where it is left out. */
  readonly contextTokens?: number | undefined;
  readonly gpu: "auto" | false;
};

/** Likeliest tokens listed at each position. More of them cost little beside the pass, and less than 1 % of the probability is left out. */
const BEST_COUNT = 128;

/** The SHA-256 of a file, hex, read in pieces. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash, ...(signal === undefined ? [] : [{ signal }]));
  return hash.digest("hex");
}

/** Latin-1, so that any bytes are one string each. */
const keyOf = (bytes: ArrayLike<number>) => Buffer.from(Array.from(bytes)).toString("latin1");

/** The vocabulary the other way round. The first of tokens with the same bytes counts. */
function readIds({ vocabulary }: LlamaEngine) {
  const byBytes = new Map<string, number>();
  const byName = new Map<string, number>();
  for (let id = 0; id < vocabulary.size; id += 1) {
    const bytes = vocabulary.bytesOf(id);
    const isSilent = bytes !== null && bytes.length === 0;
    if (isSilent && !byName.has(vocabulary.nameOf(id))) byName.set(vocabulary.nameOf(id), id);
    if (bytes === null || isSilent) continue;
    const key = keyOf(bytes);
    if (!byBytes.has(key)) byBytes.set(key, id);
  }
  return { byBytes, byName };
}

/**
 * A GGUF file in this process, by the optional package `node-llama-cpp`: no server, no Python. It is loaded at the first question, and
 * again where that failed. Questions wait for each other: the model works on one at a time.
 */
export function createGgufModel(options: GgufModelOptions, load: typeof loadLlamaEngine = loadLlamaEngine): ReferenceModel {
  let loading: ReturnType<typeof open> | null = null;
  const inTurn = createSerialQueue();

  async function open() {
    const { path, sha256, threads, contextTokens, gpu } = options;
    if (sha256 !== undefined) {
      const found = await hashFile(path);
      if (found !== sha256.toLowerCase()) {
        throw new VisionError({
          code: "REFERENCE_UNAVAILABLE",
          message: `The model file ${path} is another one than the settings name: its SHA-256 is ${found}.`,
          facts: { path, sha256: found },
        });
      }
    }
    const engine = await load({ modelPath: path, threads, contextTokens, concurrency: 1, gpu });
    const endTokens = Array.from({ length: engine.vocabulary.size }, (_, id) => id).filter((id) => engine.model.isEogToken(id));
    return { engine, endTokens, ids: readIds(engine) };
  }

  const opened = () => {
    loading ??= open().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };

  return {
    async facts() {
      const { engine, endTokens } = await opened();
      return { contextTokens: engine.contextTokens, endTokens };
    },
    async readPrompt(prompt) {
      const { engine } = await opened();
      try {
        const read = prompt.kind === "chat" ? prompt : { kind: "completion" as const, text: prompt.text };
        return { kind: "read", tokens: readLlamaPrompt(engine, read) };
      } catch (error) {
        if (BackendError.isInstance(error) && error.code === "invalid") return { kind: "unusable", reason: error.message };
        throw error;
      }
    },
    encode: async (text) => (await opened()).engine.model.tokenize(text, false),
    async decode(tokenIds) {
      const { engine } = await opened();
      const { vocabulary, model } = engine;
      const bytes = tokenIds.flatMap((id) => [...(vocabulary.bytesOf(id) ?? Buffer.from(model.detokenize([id], false)))]);
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
    },
    async idsOf(tokens) {
      const { engine, ids } = await opened();
      return tokens.map(({ id, bytes, text }: ClaimedToken) => {
        if (id !== undefined) return Number.isInteger(id) && id >= 0 && id < engine.vocabulary.size ? id : null;
        const byBytes = bytes === null || bytes.length === 0 ? undefined : ids.byBytes.get(keyOf(bytes));
        return byBytes ?? ids.byName.get(text) ?? null;
      });
    },
    async score({ promptTokens, outputTokens }, signal) {
      const { engine } = await opened();
      if (promptTokens.length + outputTokens.length > engine.contextTokens) {
        return { kind: "unusable", reason: `prompt and answer are longer than the reference's context of ${engine.contextTokens} tokens` };
      }
      const positions = await inTurn(() => scoreLlamaTokens(engine, { promptTokens, outputTokens, bestCount: BEST_COUNT }), signal);
      return { kind: "scored", positions };
    },
    async write({ promptTokens, maxTokens, temperature, seed }, signal) {
      const { engine } = await opened();
      if (promptTokens.length + maxTokens > engine.contextTokens) {
        return { kind: "unusable", reason: `prompt and text are longer than the reference's context of ${engine.contextTokens} tokens` };
      }
      const written = await inTurn(() => writeLlamaText(engine, { promptTokens, maxTokens, temperature, seed, signal }), signal);
      return { kind: "written", ...written };
    },
    async close() {
      const last = await loading?.catch(() => null);
      loading = null;
      await last?.engine.dispose();
    },
  };
}
