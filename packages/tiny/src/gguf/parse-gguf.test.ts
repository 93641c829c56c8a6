import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readModelFile } from "../model-files.js";
import { TinyError } from "../tiny-error.js";
import { encodeGguf } from "./encode-gguf.fixture.js";
import { parseGguf } from "./parse-gguf.js";

const small = encodeGguf({
  metadata: [
    { key: "general.architecture", type: 8, value: "llama" },
    { key: "llama.context_length", type: 4, value: 512 },
    { key: "names", type: 9, elementType: 8, value: ["a", "bc"] },
  ],
  tensors: [
    { name: "one", dimensions: [4, 2], type: 0, bytes: new Uint8Array(32) },
    { name: "two", dimensions: [32], type: 8, bytes: new Uint8Array(34) },
  ],
});

/** The code of the error that parsing ends with; undefined when it succeeds, the error itself when it is none of ours. */
function refusalOf(bytes: Uint8Array): unknown {
  try {
    parseGguf(bytes);
    return undefined;
  } catch (error) {
    return TinyError.isInstance(error) ? error.code : error;
  }
}

describe("parseGguf", () => {
  it("reads metadata and tensors", () => {
    const gguf = parseGguf(small);
    expect(gguf.metadata.get("llama.context_length")).toBe(512);
    expect(gguf.metadata.get("names")).toEqual(["a", "bc"]);
    expect(gguf.tensors.get("one")).toMatchObject({ type: "F32", dimensions: [4, 2], valueCount: 8 });
    expect(gguf.tensors.get("two")?.bytes.length).toBe(34);
  });

  it("reads bytes that do not start at an aligned address", () => {
    const shifted = new Uint8Array(small.length + 3);
    shifted.set(small, 3);
    expect(parseGguf(shifted.subarray(3)).tensors.size).toBe(2);
  });

  it("refuses a file cut off anywhere", () => {
    for (let length = 0; length < small.length; length++) {
      expect([length, refusalOf(small.subarray(0, length))]).toEqual([length, "TINY_INVALID_MODEL"]);
    }
  });

  it("answers any damage with TINY_INVALID_MODEL or not at all", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = small.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        expect([undefined, "TINY_INVALID_MODEL"]).toContain(refusalOf(damaged));
      }),
      { numRuns: 3000 },
    );
  });

  it("refuses counts that the file cannot hold before it allocates anything", () => {
    for (const at of [8, 16]) {
      const damaged = small.slice();
      damaged.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0], at);
      expect([at, refusalOf(damaged)]).toEqual([at, "TINY_INVALID_MODEL"]);
    }
  });

  it.each([
    ["an unknown tensor type", { name: "x", dimensions: [32], type: 12, bytes: new Uint8Array(34) }],
    ["a dimension of zero", { name: "x", dimensions: [0], type: 0, bytes: new Uint8Array(0) }],
    ["too many dimensions", { name: "x", dimensions: [1, 1, 1, 1, 1], type: 0, bytes: new Uint8Array(4) }],
    ["a product of dimensions beyond any memory", { name: "x", dimensions: [2 ** 27, 2 ** 27], type: 0, bytes: new Uint8Array(4) }],
    ["rows that do not fill blocks", { name: "x", dimensions: [33], type: 8, bytes: new Uint8Array(68) }],
    ["fewer bytes than its shape needs", { name: "x", dimensions: [64], type: 0, bytes: new Uint8Array(64) }],
  ])("refuses a tensor with %s", (_, tensor) => {
    expect(refusalOf(encodeGguf({ metadata: [], tensors: [tensor] }))).toBe("TINY_INVALID_MODEL");
  });

  it("refuses names given twice", () => {
    const tensor = { name: "x", dimensions: [1], type: 0, bytes: new Uint8Array(4) };
    const pair = { key: "k", type: 4, value: 1 };
    expect(refusalOf(encodeGguf({ metadata: [], tensors: [tensor, tensor] }))).toBe("TINY_INVALID_MODEL");
    expect(refusalOf(encodeGguf({ metadata: [pair, pair], tensors: [] }))).toBe("TINY_INVALID_MODEL");
  });

  it("refuses the embedded model when its end is missing", async () => {
    const bytes = await readModelFile("tiny-lm-small-q8_0");
    expect(refusalOf(bytes.subarray(0, bytes.length - 1))).toBe("TINY_INVALID_MODEL");
  });
});
