import { describe, expect, it } from "@jest/globals";
import { safeParseTao } from "./parse-tao.js";

describe("safeParseTao", () => {
  it("reads amounts exactly", () => {
    expect(safeParseTao("1")).toBe(1_000_000_000n);
    expect(safeParseTao("0.000000001")).toBe(1n);
    expect(safeParseTao("123.45")).toBe(123_450_000_000n);
    expect(safeParseTao("9007199.254740993")).toBe(9_007_199_254_740_993n);
  });

  it("refuses what is no amount, or finer than a RAO", () => {
    for (const text of ["", "-1", "1e3", "1,5", ".5", "1.", "0.0000000001", "TAO", "0x10"])
      expect([text, safeParseTao(text)]).toEqual([text, null]);
  });
});
