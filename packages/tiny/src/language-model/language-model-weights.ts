import { dequantise, tensorOf } from "../gguf/dequantise.js";
import type { Gguf } from "../gguf/parse-gguf.js";
import type { Arena, Pointer } from "../kernels/arena.js";
import type { LanguageModelConfig } from "./language-model-config.js";

/** Where the weights of one layer lie. Matrices are stored output by output: weight[n][k]. */
export type LayerWeights = {
  readonly attentionNorm: Pointer;
  readonly query: Pointer;
  readonly key: Pointer;
  readonly value: Pointer;
  readonly attentionOutput: Pointer;
  readonly feedForwardNorm: Pointer;
  readonly gate: Pointer;
  readonly up: Pointer;
  readonly down: Pointer;
};

/** Where the weights of a model lie. */
export type LanguageModelWeights = {
  readonly embedding: Pointer;
  readonly layers: readonly LayerWeights[];
  readonly outputNorm: Pointer;
  /** The embedding itself when the model ties them. */
  readonly output: Pointer;
};

/** Unpacks a model's weights into the arena as f32. Throws `TINY_INVALID_MODEL` when one is missing, misshapen or not finite. */
export function loadLanguageModelWeights(gguf: Gguf, config: LanguageModelConfig, arena: Arena): LanguageModelWeights {
  function load(name: string, ...dimensions: readonly number[]): Pointer {
    const tensor = tensorOf(gguf, `${name}.weight`, dimensions);
    const pointer = arena.allocate(tensor.valueCount);
    dequantise(tensor, arena.view(pointer, tensor.valueCount));
    return pointer;
  }

  const { width, keyValueWidth, feedForwardWidth, vocabularySize } = config;
  const embedding = load("token_embd", width, vocabularySize);
  const layers = Array.from({ length: config.layerCount }, (_, layer): LayerWeights => {
    const prefix = `blk.${layer}`;
    return {
      attentionNorm: load(`${prefix}.attn_norm`, width),
      query: load(`${prefix}.attn_q`, width, width),
      key: load(`${prefix}.attn_k`, width, keyValueWidth),
      value: load(`${prefix}.attn_v`, width, keyValueWidth),
      attentionOutput: load(`${prefix}.attn_output`, width, width),
      feedForwardNorm: load(`${prefix}.ffn_norm`, width),
      gate: load(`${prefix}.ffn_gate`, width, feedForwardWidth),
      up: load(`${prefix}.ffn_up`, width, feedForwardWidth),
      down: load(`${prefix}.ffn_down`, feedForwardWidth, width),
    };
  });
  const outputNorm = load("output_norm", width);
  const output = gguf.tensors.has("output.weight") ? load("output", width, vocabularySize) : embedding;
  return { embedding, layers, outputNorm, output };
}
