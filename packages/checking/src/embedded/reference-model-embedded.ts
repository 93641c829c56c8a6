import type { ClaimedToken } from "@vision/protocol";
import { type PromptEncoder, TinyError, type TinyModelName } from "@vision/tiny";
import type { ReferenceModel, Unusable } from "../reference-model.js";
import { encodePrompt } from "./embedded-prompts.js";
import type { ReferenceEngine } from "./reference-engine.js";

function idOf({ id, bytes, text }: ClaimedToken, { tokenizer }: PromptEncoder): number | null {
  if (id !== undefined) return Number.isInteger(id) && id >= 0 && id < tokenizer.vocabularySize ? id : null;
  const byBytes = bytes === null || bytes.length === 0 ? undefined : tokenizer.idOfBytes(Uint8Array.from(bytes));
  return byBytes ?? tokenizer.specialTokenId(text) ?? null;
}

/** What of a failure is the request's own doing; everything else is thrown on. */
function unusable(error: unknown): Unusable {
  if (TinyError.isInstance(error, "TINY_INVALID_INPUT")) return { kind: "unusable", reason: error.message };
  throw error;
}

/** One of the embedded models. Closes nothing: the engine is everybody's. */
export function createEmbeddedModel(
  { model }: { readonly model: TinyModelName },
  { engine, encoderOf }: { readonly engine: ReferenceEngine; readonly encoderOf: (model: TinyModelName) => Promise<PromptEncoder> },
): ReferenceModel {
  return {
    async facts() {
      const { contextTokens, endOfTextTokens } = await encoderOf(model);
      return { contextTokens, endTokens: endOfTextTokens };
    },
    async readPrompt(prompt) {
      const encoder = await encoderOf(model);
      try {
        return { kind: "read", tokens: encodePrompt(encoder, prompt) };
      } catch (error) {
        return unusable(error);
      }
    },
    encode: async (text) => (await encoderOf(model)).tokenizer.encode(text),
    decode: async (tokenIds) => (await encoderOf(model)).tokenizer.decode(tokenIds),
    async idsOf(tokens) {
      const encoder = await encoderOf(model);
      return tokens.map((token) => idOf(token, encoder));
    },
    async score(answer, signal) {
      try {
        return { kind: "scored", positions: await engine.score(model, { ...answer, signal }) };
      } catch (error) {
        return unusable(error);
      }
    },
    async write(writing, signal) {
      try {
        const { tokenizer, contextTokens } = await encoderOf(model);
        if (writing.promptTokens.length + writing.maxTokens > contextTokens) {
          return { kind: "unusable", reason: `prompt and text are longer than the model's context of ${contextTokens} tokens` };
        }
        const tokens = await engine.generateText(model, { ...writing, signal });
        const ids = tokens.filter(({ isEnd }) => !isEnd).map(({ tokenId }) => tokenId);
        return { kind: "written", text: tokenizer.decode(ids), isEnded: ids.length < tokens.length };
      } catch (error) {
        return unusable(error);
      }
    },
    async close() {},
  };
}
