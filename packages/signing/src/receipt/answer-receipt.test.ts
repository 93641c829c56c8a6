import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Answer } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey } from "../hotkey.js";
import { ready } from "../ready.js";
import { readReceipt, signReceipt, verifyReceipt } from "./answer-receipt.js";

let miner: Hotkey;
let validator: string;
beforeAll(async () => {
  await ready();
  miner = createHotkeyFromUri("//Miner");
  validator = createHotkeyFromUri("//Validator").address;
});

const answer: Answer = {
  ...{ kind: "text", text: "Hi", finishReason: "stop" },
  tokens: [{ bytes: [72, 105], text: "Hi", logprob: -0.25 }],
};
const claim = { requestSha256Hex: "ab".repeat(32), atMs: 1_000_000 };
const window = { notBeforeMs: 999_000, notAfterMs: 1_001_000 };

describe("a receipt", () => {
  it("proves to anybody that the miner gave this answer to this request of this validator", () => {
    const receipt = signReceipt({ ...claim, hotkey: miner, validator, answer });
    const read = readReceipt({ ...window, receipt, requestSha256Hex: claim.requestSha256Hex, miner: miner.address, validator, answer });
    expect(read).toMatchObject({ ...claim, answerSha256Hex: expect.stringMatching(/^[0-9a-f]{64}$/) });
    if (read === null) throw new Error("no receipt");
    expect(verifyReceipt(read, { miner: miner.address, validator })).toBe(true);
    expect(verifyReceipt({ ...read, answerSha256Hex: "00".repeat(32) }, { miner: miner.address, validator })).toBe(false);
    expect(verifyReceipt(read, { miner: validator, validator })).toBe(false);
  });

  it("is none for another answer, request, miner, validator or time, or when it is broken", () => {
    const receipt = signReceipt({ ...claim, hotkey: miner, validator, answer });
    const good = { ...window, receipt, requestSha256Hex: claim.requestSha256Hex, miner: miner.address, validator, answer };
    const other: Answer = { ...answer, tokens: [{ bytes: [72, 105], text: "Hi", logprob: -0.5 }] };
    const wrong = [
      { answer: other },
      { answer: { ...answer, text: "Ho" } },
      { answer: { ...answer, finishReason: "length" as const } },
      { answer: { kind: "images" as const, imagesBase64: ["aaaa"] } },
      { requestSha256Hex: "cd".repeat(32) },
      { miner: validator },
      { validator: miner.address },
      { notBeforeMs: 1_000_001 },
      { notAfterMs: 999_999 },
      { receipt: "" },
      { receipt: receipt.slice(0, -1) },
      { receipt: `1000001${receipt.slice(7)}` },
    ];
    for (const change of wrong) expect({ change, read: readReceipt({ ...good, ...change }) }).toEqual({ change, read: null });
  });
});
