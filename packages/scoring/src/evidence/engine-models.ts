/** Natural logarithms of how often a token's distance falls into each bin of `BIN_EDGES`. */
type LogShares = readonly number[];

/** What distances look like from honest engines, any of which a miner may have, and from what is suspected. */
export type EngineModels = { readonly honest: readonly LogShares[]; readonly otherLogits: LogShares };

// Fitted on 2026-11-25 with `node apps/validator/bench/fit-evidence.bench.mjs`: tiny-lm-q8_0, synthetic requests of chat-tiny, a third of
// them with top_p 0.8. Honest: 40 answers of the reference's own engine, 130 of llama.cpp (node-llama-cpp 3.22.1) on the same file, and the
// noisiest tenth of those: answers whose every token is a close call are rare and honest. No honest bin is rarer than one token in 2,000,
// of the last model one in 500, so that no single token decides. Suspected: 40 answers each, with no bin rarer than one in 10,000.
// Held out: 30,400 more answers of llama.cpp, as 400 miners with 10,000 of them each, came to 4.6 nats at most.

/** Distances behind the draw. Other logits: weights of 6, 5 and 4 bits. Wrong draws: another model, seed, temperature, no top-p. */
export const marginModels: EngineModels & { readonly wrongDraws: LogShares } = {
  honest: [
    [0, -7.6, -7.6, -7.6, -7.6, -7.6, -7.6, -7.6],
    [-0.01, -7.6, -6.79, -5.81, -5.7, -7.2, -7.6, -7.6],
    [-0.06, -6.22, -4.97, -4.97, -3.58, -4.97, -5.66, -6.22],
  ],
  otherLogits: [-0.04, -9.21, -7.61, -6.65, -5.47, -5.07, -4.03, -4.65],
  wrongDraws: [-0.1, -9.21, -9.21, -9.21, -7.34, -5.56, -4.4, -2.51],
};

/** Distances of claimed logprobs. Other logits: weights of 6, 5 and 4 bits, and another model. */
export const claimModels: EngineModels = {
  honest: [
    [0, -7.6, -7.6, -7.6, -7.6, -7.6, -7.6, -7.6],
    [-0.59, -2.83, -2.26, -2.13, -2.11, -3.33, -6.26, -7.6],
    [-3.28, -3.39, -2.09, -1.41, -1.01, -1.69, -4.49, -6.22],
  ],
  otherLogits: [-0.95, -2.53, -2.56, -2.54, -2.3, -2.21, -2.38, -2.59],
};

/** Draws at another temperature: 1/T' - 1/T of 0.2, as 0.83 where 1 was asked for. */
export const SURPRISE_TILT = 0.2;
