import { z } from "zod";

/**
 * Samplers whose draws anybody with the request's seed can repeat, and `unknown` for all others.
 *
 * - `gumbel-murmur3`: vLLM 0.32 and later (model runner V2), and every engine of this project.
 * - `gumbel-murmur3-sglang`: SGLang with `--enable-deterministic-inference`.
 * - `llama.cpp`: its server's default chain, drawn by a Mersenne twister.
 * - `unknown`: answers at temperature 0 are judged like all others, sampled ones by their distribution over many answers.
 */
export const samplerNames = ["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp", "unknown"] as const;

/** Parser of a sampler's name. */
export const samplerSchema = z.enum(samplerNames);

/** How an engine draws a token from its distribution; see {@link samplerNames}. */
export type SamplerName = z.infer<typeof samplerSchema>;
