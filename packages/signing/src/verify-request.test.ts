import { beforeAll, describe, expect, it } from "@jest/globals";
import { epistulaHeaders } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey } from "./hotkey.js";
import { ready } from "./ready.js";
import { createReplayWindow } from "./replay-window.js";
import { signRequest } from "./sign-request.js";
import { type VerifyRequestOptions, verifyRequest } from "./verify-request.js";

const signedAtMs = 1_750_000_000_000;
const body = Buffer.from('{"prompt":"hi"}');

describe("signed requests", () => {
  let validator: Hotkey;
  let miner: Hotkey;
  let otherMiner: Hotkey;
  beforeAll(async () => {
    await ready();
    validator = createHotkeyFromUri("//Validator");
    miner = createHotkeyFromUri("//Miner");
    otherMiner = createHotkeyFromUri("//OtherMiner");
  });

  const newWindow = () => createReplayWindow({ windowMs: 20_000, maxEntries: 100 });
  const sign = (changes: Partial<Parameters<typeof signRequest>[0]> = {}) =>
    signRequest({ hotkey: validator, body, signedFor: miner.address, uuid: "uuid-1", timestampMs: signedAtMs, ...changes });
  const verify = (changes: Partial<VerifyRequestOptions> = {}) =>
    verifyRequest({ headers: sign(), body, ourAddress: miner.address, nowMs: signedAtMs + 100, replayWindow: newWindow(), ...changes });

  it("accepts a request as it was signed", () => {
    expect(verify()).toEqual({ ok: true, signedBy: validator.address, uuid: "uuid-1", timestampMs: signedAtMs });
  });

  it("accepts an empty body", () => {
    const empty = new Uint8Array(0);
    expect(verify({ headers: sign({ body: empty }), body: empty }).ok).toBe(true);
  });

  it("refuses a request relayed to another miner", () => {
    expect(verify({ ourAddress: otherMiner.address })).toEqual({ ok: false, reason: "not-for-us" });
  });

  it("refuses a request whose receiver was rewritten", () => {
    const headers = { ...sign(), [epistulaHeaders.signedFor]: otherMiner.address };
    expect(verify({ headers, ourAddress: otherMiner.address })).toEqual({ ok: false, reason: "bad-signature" });
  });

  it("refuses a replayed request", () => {
    const replayWindow = newWindow();
    expect(verify({ replayWindow }).ok).toBe(true);
    expect(verify({ replayWindow })).toEqual({ ok: false, reason: "replayed" });
  });

  it("refuses a truncated body", () => {
    expect(verify({ body: body.subarray(0, -1) })).toEqual({ ok: false, reason: "bad-signature" });
  });

  it("refuses a changed body", () => {
    expect(verify({ body: Buffer.from('{"prompt":"ho"}') })).toEqual({ ok: false, reason: "bad-signature" });
  });

  it("refuses a changed uuid, time or signer", () => {
    for (const [name, value] of [
      [epistulaHeaders.uuid, "uuid-2"],
      [epistulaHeaders.timestamp, String(signedAtMs + 1)],
      [epistulaHeaders.signedBy, otherMiner.address],
    ] as const) {
      expect({ name, result: verify({ headers: { ...sign(), [name]: value } }) }).toEqual({
        name,
        result: { ok: false, reason: "bad-signature" },
      });
    }
  });

  it("refuses a stale request", () => {
    expect(verify({ nowMs: signedAtMs + 8_000 }).ok).toBe(true);
    expect(verify({ nowMs: signedAtMs + 8_001 })).toEqual({ ok: false, reason: "stale" });
  });

  it("refuses a request from the future", () => {
    expect(verify({ nowMs: signedAtMs - 4_000 }).ok).toBe(true);
    expect(verify({ nowMs: signedAtMs - 4_001 })).toEqual({ ok: false, reason: "future" });
  });

  it("refuses missing and garbled headers", () => {
    for (const name of Object.values(epistulaHeaders)) {
      for (const value of [undefined, "", "garbage", ["a", "b"]]) {
        if (name === epistulaHeaders.uuid && value === "garbage") continue;
        const result = verify({ headers: { ...sign(), [name]: value } });
        expect({ name, value, isOk: result.ok }).toEqual({ name, value, isOk: false });
      }
    }
    expect(verify({ headers: {} })).toEqual({ ok: false, reason: "malformed" });
  });

  it("W-48: remembers nothing of a request whose signature is wrong", () => {
    const replayWindow = newWindow();
    expect(verify({ replayWindow, headers: { ...sign(), [epistulaHeaders.signature]: `0x${"00".repeat(64)}` } }).ok).toBe(false);
    expect(replayWindow.size).toBe(0);
    expect(verify({ replayWindow }).ok).toBe(true);
  });

  it("a stranger with a valid signature cannot fill the memory, because the permit is asked first", () => {
    const replayWindow = newWindow();
    const asked: string[] = [];
    const isPermitted = (signedBy: string) => {
      asked.push(signedBy);
      return false;
    };
    expect(verify({ replayWindow, isPermitted })).toEqual({ ok: false, reason: "not-permitted" });
    expect([replayWindow.size, asked]).toEqual([0, [validator.address]]);
    expect(verify({ replayWindow, isPermitted, body: Buffer.from("{}") })).toEqual({ ok: false, reason: "bad-signature" });
    expect(asked).toHaveLength(1);
    expect(verify({ replayWindow, isPermitted: () => true }).ok).toBe(true);
  });

  it("W-55: a receiver that started after the request was signed refuses it", () => {
    const replayWindow = createReplayWindow({ windowMs: 20_000, maxEntries: 100, notBeforeMs: signedAtMs + 50 });
    expect(verify({ replayWindow })).toEqual({ ok: false, reason: "replayed" });
  });
});
