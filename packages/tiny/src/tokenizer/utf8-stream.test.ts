import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createUtf8Stream } from "./utf8-stream.js";

describe("createUtf8Stream", () => {
  it("gives the same text as decoding at once, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(fc.nat(40)), (bytes, cuts) => {
        const stream = createUtf8Stream();
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, i) => stream.push(bytes.subarray(places[i], end)));
        expect(pieces.join("") + stream.end()).toBe(Buffer.from(bytes).toString("utf8"));
      }),
    );
  });

  it("holds an incomplete character back", () => {
    const stream = createUtf8Stream();
    expect(stream.push(Uint8Array.of(0xe2, 0x82))).toBe("");
    expect(stream.push(Uint8Array.of(0xac))).toBe("€");
    expect(stream.end()).toBe("");
  });
});
