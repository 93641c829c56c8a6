/**
 * The arithmetic of both embedded models, compiled to WebAssembly by `npm run kernels`.
 *
 * Only plain SIMD and scalar float operations, whose results the WebAssembly standard fixes to the bit, and no call to the host: the
 * same inputs give the same bits on every machine. A change of the order of any floating-point sum changes every golden value.
 */

export { attentionMix, attentionScores, rope, softmax } from "./attention";
export { im2col } from "./convolution";
export { addBias, addInPlace, modulate, silu, siluMultiply } from "./elementwise";
export { matmul } from "./matmul";
export { groupNorm, layerNorm, rmsNorm } from "./norms";
export { logSumExp, pickToken } from "./sampling";
export { cos, log, pow, sin } from "./scalar-math";
