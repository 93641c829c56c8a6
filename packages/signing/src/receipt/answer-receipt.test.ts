import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Answer } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey } from "../hotkey.js";
import { ready } from "../ready.js";
import { completeReceipt, parseReceipt, signReceipt, verifyReceipt } from "./answer-receipt.js";

let miner: Hotkey;
let validator: string;
beforeAll(async () => {
  await ready();
  miner = createHotkeyFromUri("//Miner");
  validator = createHotkeyFromUri("//Validator").address;
});

const answer = {
  ...({ kind: "text", text: "Hi", finishReason: "stop" } as const),
  tokens: [{ bytes: [72, 105], text: "Hi", logprob: -0.25 }],
};
const requestSha256Hex = "ab".repeat(32);

/** A receipt of the answer, as whoever asked for it reads it. */
function received() {
  const parsed = parseReceipt(signReceipt({ hotkey: miner, validator, requestSha256Hex, answer, atMs: 1_000_000 }));
  if (parsed === null) throw new Error("no receipt");
  return { ...parsed, requestSha256Hex };
}

describe("a receipt", () => {
  it("proves to anybody that the miner gave this answer to this request of this validator", () => {
    const receipt = completeReceipt(received(), answer);
    expect(receipt).toMatchObject({ requestSha256Hex, atMs: 1_000_000, answerSha256Hex: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(verifyReceipt(receipt, { miner: miner.address, validator })).toBe(true);
  });

  it("proves nothing of another answer, request, miner, validator or time", () => {
    const parties = { miner: miner.address, validator };
    const isTrue = (claimed: Answer, changes: object = {}) =>
      verifyReceipt({ ...completeReceipt(received(), claimed), ...changes }, { ...parties, ...changes });
    expect(isTrue(answer)).toBe(true);
    const others: readonly Answer[] = [
      { ...answer, tokens: [{ bytes: [72, 105], text: "Hi", logprob: -0.5 }] },
      { ...answer, text: "Ho" },
      { ...answer, finishReason: "length" },
      { kind: "images", imagesBase64: ["aaaa"] },
    ];
    for (const other of others) expect({ other, isTrue: isTrue(other) }).toEqual({ other, isTrue: false });
    const signatureHex = "00".repeat(64);
    for (const changes of [
      { requestSha256Hex: "cd".repeat(32) },
      { miner: validator },
      { validator: miner.address },
      { atMs: 1_000_001 },
      { signatureHex },
    ]) {
      expect({ changes, isTrue: isTrue(answer, changes) }).toEqual({ changes, isTrue: false });
    }
  });

  it.each(["", "nonsense", "1.", `1.${"ab".repeat(63)}`, `1.${"AB".repeat(64)}`, `-1.${"ab".repeat(64)}`, `1.${"ab".repeat(64)} `])(
    "is none of another shape: %j",
    (text) => expect(parseReceipt(text)).toBeNull(),
  );
});
