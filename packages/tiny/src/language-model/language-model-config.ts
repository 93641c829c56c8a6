import { integerOf, positiveNumberOf, textOf } from "../gguf/metadata.js";
import type { Gguf } from "../gguf/parse-gguf.js";
import { invalidModel } from "../tiny-error.js";

/** Sizes of a llama-architecture model. Widths in floats. */
export type LanguageModelConfig = {
  readonly name: string;
  readonly contextTokens: number;
  readonly width: number;
  readonly layerCount: number;
  readonly headCount: number;
  /** Heads of keys and values, each shared by headCount / keyValueHeadCount query heads. */
  readonly keyValueHeadCount: number;
  readonly headSize: number;
  /** keyValueHeadCount * headSize */
  readonly keyValueWidth: number;
  readonly feedForwardWidth: number;
  readonly vocabularySize: number;
  readonly normEpsilon: number;
  readonly ropeBase: number;
};

/**
 * Sizes of the model in a GGUF file.
 *
 * @throws {@link TinyError} `TINY_INVALID_MODEL` when it is not of the llama architecture or its sizes do not suit the kernels.
 */
export function readLanguageModelConfig(gguf: Gguf, vocabularySize: number): LanguageModelConfig {
  const architecture = textOf(gguf, "general.architecture");
  if (architecture !== "llama") throw invalidModel("Only language models of the llama architecture are supported.", { architecture });
  const integer = (key: string, max: number) => integerOf(gguf, `llama.${key}`, { min: 1, max });
  const width = integer("embedding_length", 16384);
  const headCount = integer("attention.head_count", 256);
  const keyValueHeadCount = integer("attention.head_count_kv", 256);
  const headSize = width / headCount;
  const feedForwardWidth = integer("feed_forward_length", 65536);
  if (headCount % keyValueHeadCount !== 0 || headSize % 4 !== 0 || feedForwardWidth % 4 !== 0 || vocabularySize % 4 !== 0) {
    throw invalidModel("The kernels need head, feed-forward and vocabulary sizes in multiples of four, and whole groups of heads.", {
      headCount,
      keyValueHeadCount,
      headSize,
      feedForwardWidth,
      vocabularySize,
    });
  }
  const ropeDimensions = gguf.metadata.get("llama.rope.dimension_count") ?? headSize;
  if (ropeDimensions !== headSize) throw invalidModel("Partly rotated heads are not supported.", { ropeDimensions, headSize });
  const name = gguf.metadata.get("general.name");
  return {
    name: typeof name === "string" ? name : "unnamed",
    contextTokens: integer("context_length", 16384),
    width,
    layerCount: integer("block_count", 256),
    headCount,
    keyValueHeadCount,
    headSize,
    keyValueWidth: keyValueHeadCount * headSize,
    feedForwardWidth,
    vocabularySize,
    normEpsilon: positiveNumberOf(gguf, "llama.attention.layer_norm_rms_epsilon"),
    ropeBase: gguf.metadata.has("llama.rope.freq_base") ? positiveNumberOf(gguf, "llama.rope.freq_base") : 10000,
  };
}
