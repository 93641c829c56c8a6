import { describe, expect, it } from "@jest/globals";
import { replaceHalfCharacters } from "./replace-half-characters.js";

const read = (json: string) => JSON.parse(replaceHalfCharacters(json)) as unknown;

describe("replaceHalfCharacters", () => {
  it("puts U+FFFD in the place of every half, in values and names, and leaves whole characters and all else", () => {
    expect(read(String.raw`"\ud83d"`)).toBe("\ufffd");
    expect(read(String.raw`"a\uD83Db \udE00"`)).toBe("a\ufffdb \ufffd");
    expect(read(String.raw`"\ude00\ud83d"`)).toBe("\ufffd\ufffd");
    expect(read(String.raw`"\ud83d\ud83d\ude00"`)).toBe("\ufffd😀");
    expect(read(String.raw`"\ud83d\n\u0041"`)).toBe("\ufffd\nA");
    expect(read(String.raw`{"\udc00":1}`)).toEqual({ "\ufffd": 1 });
    const whole = String.raw`{"text":"\ud83d\uDE00 \\ud83d \u00e9 \" \/ 😀 \\\\ud800"}`;
    expect(replaceHalfCharacters(whole)).toBe(whole);
  });

  it("agrees with what text without halves is made of", () => {
    for (const text of ["\ud800", "x\udfffy", "\\\ud800\\", "\ud83d😀\ude00", '"\ud800"', "\ud800\\udc00"]) {
      expect(read(JSON.stringify([text]))).toEqual([Buffer.from(text).toString()]);
    }
  });
});
