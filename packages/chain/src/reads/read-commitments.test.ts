import { describe, expect, it } from "@jest/globals";
import { decodeCommitmentFields, encodeCommitmentField } from "./read-commitments.js";

describe("commitment fields", () => {
  it("hold up to 128 bytes in a sized field, up to 512 in the big one, and no more", () => {
    expect(encodeCommitmentField(new TextEncoder().encode("hello"))).toEqual({ Raw5: "0x68656c6c6f" });
    expect(Object.keys(encodeCommitmentField(new Uint8Array(128)) ?? {})).toEqual(["Raw128"]);
    expect(Object.keys(encodeCommitmentField(new Uint8Array(129)) ?? {})).toEqual(["BigRaw"]);
    expect(encodeCommitmentField(new Uint8Array(513))).toBeNull();
  });

  it("are joined when there are several; other kinds hold no bytes", () => {
    expect(decodeCommitmentFields([{ raw2: "0x0102" }, { blakeTwo256: "0xff" }, { bigRaw: "0x03" }])).toEqual(Uint8Array.of(1, 2, 3));
    expect(decodeCommitmentFields([{ resetBondsFlag: null }, { none: null }])).toBeNull();
    expect(decodeCommitmentFields([{ raw0: "0x" }])).toEqual(new Uint8Array(0));
  });
});
