import { createEncoderCache, encodePrompt, readTextRequest } from "@vision/checking";
import { isModelName, TinyError } from "@vision/tiny";
import type { Logger, PromptCounter } from "../ports/index.js";

/**
 * Counts prompts for tasks whose model is embedded; others are unknown. A tokenizer is read from its file when a request first needs it, and
 * only the requests that need it wait. While it cannot be read, prompts are unknown and no user is turned away for it.
 */
export function createEmbeddedPromptCounter(
  { logger }: { readonly logger: Pick<Logger, "warn"> },
  encoderOf: ReturnType<typeof createEncoderCache> = createEncoderCache(),
): PromptCounter {
  return {
    async textOf({ id, model }, tokenIds) {
      if (!isModelName(model)) return { kind: "unknown" };
      try {
        const encoder = await encoderOf(model);
        const { tokenizer, contextTokens } = encoder;
        if (tokenIds.length > contextTokens) {
          return { kind: "unusable", reason: `${id} has a context of ${contextTokens} tokens; this prompt has ${tokenIds.length}` };
        }
        const isKnown = tokenIds.every((tokenId) => tokenId < tokenizer.vocabularySize);
        const text = isKnown ? tokenizer.decode(tokenIds) : "";
        // A miner gets text, so it must read these tokens in it and no others.
        const isSame = isKnown && encoder.completionPrompt(text).join() === tokenIds.join();
        return isSame ? { kind: "text", text } : { kind: "unusable", reason: `these token ids are not how ${model} reads any text` };
      } catch (error) {
        if (TinyError.isInstance(error, "TINY_INVALID_INPUT")) return { kind: "unusable", reason: error.message };
        logger.warn("Token ids cannot be read", { task: id, error });
        return { kind: "unknown" };
      }
    },
    async count(task, request) {
      const read = readTextRequest(task.family, request);
      if (read === null || !isModelName(task.model)) return { kind: "unknown" };
      try {
        return { kind: "counted", promptTokens: encodePrompt(await encoderOf(task.model), read.prompt).length };
      } catch (error) {
        if (TinyError.isInstance(error, "TINY_INVALID_INPUT")) return { kind: "unusable", reason: error.message };
        logger.warn("Prompts cannot be counted", { task: task.id, error });
        return { kind: "unknown" };
      }
    },
  };
}
