/** How the weights of a tensor are stored. Names and block layouts of GGML. */
export type TensorType = "F32" | "F16" | "Q4_0" | "Q5_0" | "Q8_0";

/** Layout of a tensor type: `blockBytes` bytes hold `blockValues` weights. */
export type TensorLayout = { readonly type: TensorType; readonly blockValues: number; readonly blockBytes: number };

/** Tensor layouts by their number in a GGUF file. Other types are refused. */
export const tensorLayouts: ReadonlyMap<number, TensorLayout> = new Map([
  [0, { type: "F32", blockValues: 1, blockBytes: 4 }],
  [1, { type: "F16", blockValues: 1, blockBytes: 2 }],
  [2, { type: "Q4_0", blockValues: 32, blockBytes: 18 }],
  [6, { type: "Q5_0", blockValues: 32, blockBytes: 22 }],
  [8, { type: "Q8_0", blockValues: 32, blockBytes: 34 }],
]);
