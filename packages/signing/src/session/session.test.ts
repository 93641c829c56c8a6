import { beforeAll, describe, expect, it } from "@jest/globals";
import { PROTOCOL_VERSION, sessionHeaders } from "@vision/protocol";
import { createHotkeyFromUri, type Hotkey } from "../hotkey.js";
import { ready } from "../ready.js";
import { createReplayWindow } from "../replay-window.js";
import { signRequest } from "../sign-request.js";
import { type AcceptHelloOptions, acceptHello } from "./accept-hello.js";
import { completeHello } from "./complete-hello.js";
import { createCounterWindow } from "./counter-window.js";
import { createHello } from "./create-hello.js";
import { macRequest } from "./mac-request.js";
import { type VerifySessionRequestOptions, verifySessionRequest } from "./verify-session-request.js";

const nowMs = 1_750_000_000_000;
const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

let validator: Hotkey;
let miner: Hotkey;
let otherMiner: Hotkey;
beforeAll(async () => {
  await ready();
  validator = createHotkeyFromUri("//Validator");
  miner = createHotkeyFromUri("//Miner");
  otherMiner = createHotkeyFromUri("//OtherMiner");
});

const newHello = () =>
  createHello({ hotkey: validator, minerAddress: miner.address, uuid: "uuid", timestampMs: nowMs, ephemeralSeed: bytes(32, 1) });
const newWindow = () => createReplayWindow({ windowMs: 20_000, maxEntries: 100 });
const accept = (changes: Partial<AcceptHelloOptions> = {}) => {
  const { headers, body } = newHello();
  return acceptHello({
    hotkey: miner,
    headers,
    body,
    nowMs,
    replayWindow: newWindow(),
    certificate: bytes(40, 5),
    ephemeralSeed: bytes(32, 2),
    sessionIdBytes: bytes(16, 3),
    ttlMs: 60_000,
    ...changes,
  });
};
const accepted = () => {
  const result = accept();
  if (!result.ok) throw new Error(result.reason);
  return result;
};

describe("hello", () => {
  it("gives both ends the same key, and names them to each other", () => {
    const ours = accepted();
    const theirs = completeHello({ pending: newHello().pending, response: ours.response, nowMs });
    expect(theirs).toEqual({ ok: true, session: { ...ours.session, peer: miner.address }, certificate: Buffer.from(bytes(40, 5)) });
    expect(ours.session.peer).toBe(validator.address);
  });

  it("gives another key to another session", () => {
    const first = accepted();
    const second = accept({ ephemeralSeed: bytes(32, 4) });
    expect(second.ok && Buffer.from(second.session.key).equals(first.session.key)).toBe(false);
  });

  it("refuses a hello relayed to another miner", () => {
    expect(accept({ hotkey: otherMiner })).toEqual({ ok: false, reason: "not-for-us" });
  });

  it("refuses a replayed hello", () => {
    const replayWindow = newWindow();
    expect(accept({ replayWindow }).ok).toBe(true);
    expect(accept({ replayWindow })).toEqual({ ok: false, reason: "replayed" });
  });

  it("refuses a hello whose ephemeral key was exchanged on the way", () => {
    const body = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(newHello().body).toString("utf8")), ephemeralPublicKey: "09".repeat(32) }),
    );
    expect(accept({ body })).toEqual({ ok: false, reason: "bad-signature" });
  });

  it("refuses an ephemeral key of low order, other versions and bodies that are no hello", () => {
    const signed = (text: string | Uint8Array) => {
      const body = Buffer.from(text);
      return { body, headers: signRequest({ hotkey: validator, body, signedFor: miner.address, uuid: "u", timestampMs: nowMs }) };
    };
    const lowOrder = JSON.stringify({ protocolVersion: PROTOCOL_VERSION, ephemeralPublicKey: "00".repeat(32) });
    expect(accept(signed(lowOrder))).toEqual({ ok: false, reason: "malformed" });
    expect(accept(signed("{}"))).toEqual({ ok: false, reason: "malformed" });
    expect(accept(signed(bytes(4, 255)))).toEqual({ ok: false, reason: "malformed" });
    const oldVersion = JSON.stringify({ protocolVersion: "0.9", ephemeralPublicKey: "09".repeat(32) });
    expect(accept(signed(oldVersion))).toEqual({ ok: false, reason: "incompatible-protocol" });
  });

  it("W-47: refuses an answer that the miner's hotkey did not sign", () => {
    const { response } = accepted();
    const { pending } = newHello();
    const changed = [
      { ...response, ephemeralPublicKey: "09".repeat(32) },
      { ...response, sessionId: "00".repeat(16) },
      { ...response, expiresAtMs: response.expiresAtMs + 1 },
      { ...response, protocolVersion: `${PROTOCOL_VERSION.split(".")[0]}.7` },
      { ...response, certificate: Buffer.from(bytes(40, 6)).toString("base64") },
      { ...response, signature: `0x${"00".repeat(64)}` },
    ];
    changed.forEach((answer, index) => {
      expect({ index, result: completeHello({ pending, response: answer, nowMs }) }).toEqual({
        index,
        result: { ok: false, reason: "bad-signature" },
      });
    });
    expect(completeHello({ pending, response: { ...response, hotkey: otherMiner.address }, nowMs })).toEqual({
      ok: false,
      reason: "wrong-miner",
    });
  });

  it("refuses an answer to another hello of ours", () => {
    const { pending } = createHello({
      hotkey: validator,
      minerAddress: miner.address,
      uuid: "another",
      timestampMs: nowMs,
      ephemeralSeed: bytes(32, 1),
    });
    expect(completeHello({ pending, response: accepted().response, nowMs })).toEqual({ ok: false, reason: "bad-signature" });
  });

  it("refuses an answer that is none, has expired or speaks another version", () => {
    const { pending } = newHello();
    const { response } = accepted();
    for (const answer of [null, undefined, 7, "x", [], {}, { ...response, expiresAtMs: "soon" }]) {
      expect(completeHello({ pending, response: answer, nowMs })).toEqual({ ok: false, reason: "malformed" });
    }
    expect(completeHello({ pending, response, nowMs: nowMs + 60_000 })).toEqual({ ok: false, reason: "expired" });
    expect(completeHello({ pending, response: { ...response, protocolVersion: "999.0" }, nowMs })).toEqual({
      ok: false,
      reason: "incompatible-protocol",
    });
  });
});

describe("requests in a session", () => {
  const body = Buffer.from('{"prompt":"hi"}');
  const session = () => accepted().session;
  const request = { method: "POST", path: "/v1/completions", body, timestampMs: nowMs, counter: 0 };
  const verify = (changes: Partial<VerifySessionRequestOptions> = {}) => {
    const own = session();
    const { method, path } = request;
    const headers = macRequest(own, request);
    return verifySessionRequest({ session: own, counters: createCounterWindow(), headers, method, path, body, nowMs, ...changes });
  };

  it("accepts a request as it was made", () => {
    expect(verify()).toEqual({ ok: true, peer: validator.address });
  });

  it("refuses another path", () => {
    expect(verify({ path: "/v1/chat/completions" })).toEqual({ ok: false, reason: "bad-mac" });
  });

  it("refuses another method", () => {
    expect(verify({ method: "PUT" })).toEqual({ ok: false, reason: "bad-mac" });
  });

  it("refuses a changed body", () => {
    expect(verify({ body: Buffer.from('{"prompt":"ho"}') })).toEqual({ ok: false, reason: "bad-mac" });
  });

  it("refuses a truncated body", () => {
    expect(verify({ body: body.subarray(0, -1) })).toEqual({ ok: false, reason: "bad-mac" });
  });

  it("refuses a changed time or counter", () => {
    const headers = macRequest(session(), request);
    expect(verify({ headers: { ...headers, [sessionHeaders.counter]: "1" } })).toEqual({ ok: false, reason: "bad-mac" });
    expect(verify({ headers: { ...headers, [sessionHeaders.timestamp]: String(nowMs + 1) } })).toEqual({ ok: false, reason: "bad-mac" });
  });

  it("refuses a replayed request", () => {
    const counters = createCounterWindow();
    expect(verify({ counters }).ok).toBe(true);
    expect(verify({ counters })).toEqual({ ok: false, reason: "replayed" });
  });

  it("does not use up a counter for a request with a wrong MAC", () => {
    const counters = createCounterWindow();
    expect(verify({ counters, path: "/other" }).ok).toBe(false);
    expect(verify({ counters }).ok).toBe(true);
  });

  it("refuses a stale request and one from the future", () => {
    expect(verify({ nowMs: nowMs + 8_001 })).toEqual({ ok: false, reason: "stale" });
    expect(verify({ nowMs: nowMs - 4_001 })).toEqual({ ok: false, reason: "future" });
  });

  it("refuses a request after the session's end", () => {
    const own = session();
    const timestampMs = own.expiresAtMs;
    expect(verify({ session: own, nowMs: timestampMs, headers: macRequest(own, { ...request, timestampMs }) })).toEqual({
      ok: false,
      reason: "expired",
    });
  });

  it("refuses a request relayed into another session", () => {
    const other = accept({ sessionIdBytes: bytes(16, 9) });
    if (!other.ok) throw new Error(other.reason);
    expect(verify({ session: other.session })).toEqual({ ok: false, reason: "wrong-session" });
    const headers = { ...macRequest(session(), request), [sessionHeaders.session]: other.session.sessionId };
    expect(verify({ session: other.session, headers })).toEqual({ ok: false, reason: "bad-mac" });
  });

  it("refuses missing and garbled headers", () => {
    for (const name of Object.values(sessionHeaders)) {
      for (const value of [undefined, "", "garbage", ["a", "b"]]) {
        const result = verify({ headers: { ...macRequest(session(), request), [name]: value } });
        expect({ name, value, result }).toEqual({ name, value, result: { ok: false, reason: "malformed" } });
      }
    }
  });
});
