import { describe, expect, it } from "@jest/globals";
import { dequantise } from "./dequantise.js";
import { encodeGguf } from "./encode-gguf.fixture.js";
import { parseGguf } from "./parse-gguf.js";

function valuesOf(type: number, count: number, bytes: readonly number[]): number[] {
  const gguf = parseGguf(encodeGguf({ metadata: [], tensors: [{ name: "x", dimensions: [count], type, bytes: Uint8Array.from(bytes) }] }));
  const tensor = gguf.tensors.get("x");
  if (tensor === undefined) throw new Error("the tensor is missing");
  const target = new Float32Array(count);
  dequantise(tensor, target);
  return [...target];
}

const HALF = [0x00, 0x38]; // 0.5 as a 16-bit float

describe("dequantise", () => {
  it("reads 16-bit floats: ordinary, negative, smallest, zero", () => {
    expect(valuesOf(1, 4, [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x00])).toEqual([1, -2, 2 ** -24, 0]);
  });

  it("reads Q8_0: signed bytes times the block's scale", () => {
    const values = valuesOf(8, 32, [...HALF, 127, 0x80, 0xff, ...new Array<number>(29).fill(2)]);
    expect(values.slice(0, 4)).toEqual([63.5, -64, -0.5, 1]);
  });

  it("reads Q4_0: low nibbles first, then high ones, less 8", () => {
    const values = valuesOf(2, 32, [...HALF, 0xf0, ...new Array<number>(15).fill(0x88)]);
    expect([values[0], values[1], values[16], values[17]]).toEqual([-4, 0, 3.5, 0]);
  });

  it("reads Q5_0: the fifth bits come from the block's 32-bit word", () => {
    const values = valuesOf(6, 32, [...HALF, 0x01, 0x00, 0x01, 0x00, 0x21, ...new Array<number>(15).fill(0)]);
    expect([values[0], values[1], values[16], values[17]]).toEqual([0.5, -8, 1, -8]);
  });

  it.each([
    ["infinite", 0x7c],
    ["not a number", 0x7e],
  ])("refuses a weight that is %s", (_, high) => {
    expect(() => valuesOf(1, 4, [0, 0, 0, high, 0, 0, 0, 0])).toThrow(expect.objectContaining({ code: "TINY_INVALID_MODEL" }));
  });
});
