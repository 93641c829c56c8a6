import { type Arena, createArena, type Pointer } from "./arena.js";
import { kernelsWasmBase64 } from "./kernels-wasm.js";
import { WASM_PAGE_BYTES, type WasmModule, webAssembly } from "./web-assembly.js";

/** Row-major floats: row r starts at `pointer + 4 * r * stride`. Arguments come flat because WebAssembly takes only numbers. */
type Rows = [pointer: Pointer, stride: number];

/** The kernels; each is documented in `assembly/`. Strides and counts in floats; matrix sizes are multiples of 4. */
export type Kernels = {
  readonly matmul: (...args: [...out: Rows, ...input: Rows, ...weights: Rows, rows: number, inner: number, columns: number]) => void;
  readonly attentionScores: (
    ...args: [...scores: Rows, ...queries: Rows, ...keys: Rows, rows: number, headSize: number, firstPosition: number]
  ) => void;
  readonly attentionMix: (
    ...args: [...out: Rows, ...probabilities: Rows, ...values: Rows, rows: number, headSize: number, firstPosition: number]
  ) => void;
  readonly softmax: (...args: [...scores: Rows, rows: number, visible: number, visibleGrowth: 0 | 1, scale: number]) => void;
  readonly rope: (
    ...args: [...x: Rows, rows: number, heads: number, headSize: number, cosines: Pointer, sines: Pointer, firstPosition: number]
  ) => void;
  readonly rmsNorm: (out: Pointer, input: Pointer, weight: Pointer, rows: number, width: number, epsilon: number) => void;
  readonly layerNorm: (out: Pointer, input: Pointer, rows: number, width: number, weight: Pointer, bias: Pointer) => void;
  readonly groupNorm: (
    out: Pointer,
    input: Pointer,
    pixels: number,
    channels: number,
    weight: Pointer,
    bias: Pointer,
    epsilon: number,
  ) => void;
  readonly addInPlace: (x: Pointer, y: Pointer, count: number) => void;
  readonly addBias: (x: Pointer, bias: Pointer, rows: number, width: number) => void;
  readonly silu: (x: Pointer, count: number) => void;
  readonly siluMultiply: (gate: Pointer, up: Pointer, count: number) => void;
  readonly modulate: (x: Pointer, scaleAndShift: Pointer, rows: number, channels: number) => void;
  readonly im2col: (columns: Pointer, input: Pointer, height: number, width: number, channels: number, stride: number) => void;
  readonly logSumExp: (logits: Pointer, count: number) => number;
  readonly pickToken: (logits: Pointer, count: number, temperature: number, seedLow: number, seedHigh: number, position: number) => number;
  readonly sin: (value: number) => number;
  readonly cos: (value: number) => number;
  readonly log: (value: number) => number;
  readonly pow: (base: number, exponent: number) => number;
};

let compiled: Promise<WasmModule> | undefined;

/** Kernels over a memory of their own. The module is compiled once per process. */
export async function createKernels(): Promise<{ readonly kernels: Kernels; readonly arena: Arena }> {
  compiled ??= webAssembly.compile(Buffer.from(kernelsWasmBase64, "base64"));
  const memory = new webAssembly.Memory({ initial: (2 * 65536) / WASM_PAGE_BYTES });
  const abort = () => {
    throw new Error("a kernel aborted");
  };
  const instance = await webAssembly.instantiate(await compiled, { env: { memory, abort } });
  // The module is our own, built from assembly/: its exports are these functions.
  return { kernels: instance.exports as unknown as Kernels, arena: createArena(memory) };
}
