import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import {
  acceptHello,
  completeHello,
  createCounterWindow,
  createHello,
  createHotkeyFromSeed,
  createHotkeyFromUri,
  createReplayWindow,
  macRequest,
  ready,
  verifyRequest,
  verifySessionRequest,
  verifySignature,
} from "../src/index.js";

const headers = z.record(z.string(), z.string());
const schema = z.object({
  hotkeys: z.array(z.object({ seedHex: z.string(), address: z.string(), publicKeyHex: z.string() })).min(2),
  uris: z.array(z.object({ uri: z.string(), address: z.string() })).min(4),
  signatures: z.array(z.object({ address: z.string(), messageHex: z.string(), signatureHex: z.string() })).min(1),
  epistula: z.array(z.object({ bodyHex: z.string(), nowMs: z.number(), ourAddress: z.string(), headers })).min(1),
  hello: z.object({
    validatorSeedHex: z.string(),
    minerSeedHex: z.string(),
    validatorEphemeralSeedHex: z.string(),
    minerEphemeralSeedHex: z.string(),
    certificateHex: z.string(),
    sessionIdHex: z.string(),
    uuid: z.string(),
    timestampMs: z.number(),
    acceptedAtMs: z.number(),
    ttlMs: z.number(),
    bodyHex: z.string(),
    headers,
    response: z.looseObject({ signature: z.string() }),
    sessionKeyHex: z.string(),
  }),
  sessionRequest: z.object({
    method: z.string(),
    path: z.string(),
    bodyHex: z.string(),
    timestampMs: z.number(),
    counter: z.number(),
    headers,
  }),
});
const vectors = schema.parse(JSON.parse(readFileSync(new URL("./signing.vectors.json", import.meta.url), "utf8")));
const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const newWindow = () => createReplayWindow({ windowMs: 20_000, maxEntries: 10 });

describe("signing vectors", () => {
  beforeAll(ready);

  it("derives the hotkeys", () => {
    for (const { seedHex, address, publicKeyHex } of vectors.hotkeys) {
      const hotkey = createHotkeyFromSeed(fromHex(seedHex));
      expect([hotkey.address, Buffer.from(hotkey.publicKey).toString("hex")]).toEqual([address, publicKeyHex]);
    }
    for (const { uri, address } of vectors.uris) expect({ uri, address: createHotkeyFromUri(uri).address }).toEqual({ uri, address });
  });

  it("accepts the signatures", () => {
    for (const { address, messageHex, signatureHex } of vectors.signatures) {
      expect(verifySignature({ address, message: fromHex(messageHex), signature: fromHex(signatureHex) })).toBe(true);
    }
    for (const { bodyHex, nowMs, ourAddress, headers } of vectors.epistula) {
      expect(verifyRequest({ headers, body: fromHex(bodyHex), ourAddress, nowMs, replayWindow: newWindow() }).ok).toBe(true);
    }
  });

  it("opens the session with the same bytes and the same key", () => {
    const { hello } = vectors;
    const minerHotkey = createHotkeyFromSeed(fromHex(hello.minerSeedHex));
    const { body, pending } = createHello({
      hotkey: createHotkeyFromSeed(fromHex(hello.validatorSeedHex)),
      minerAddress: minerHotkey.address,
      uuid: hello.uuid,
      timestampMs: hello.timestampMs,
      ephemeralSeed: fromHex(hello.validatorEphemeralSeedHex),
    });
    expect(Buffer.from(body).toString("hex")).toBe(hello.bodyHex);
    const accepted = acceptHello({
      hotkey: minerHotkey,
      headers: hello.headers,
      body: fromHex(hello.bodyHex),
      nowMs: hello.acceptedAtMs,
      replayWindow: newWindow(),
      certificate: fromHex(hello.certificateHex),
      ephemeralSeed: fromHex(hello.minerEphemeralSeedHex),
      sessionIdBytes: fromHex(hello.sessionIdHex),
      ttlMs: hello.ttlMs,
    });
    if (!accepted.ok) throw new Error(accepted.reason);
    expect({ ...accepted.response, signature: hello.response.signature }).toEqual(hello.response);
    expect(Buffer.from(accepted.session.key).toString("hex")).toBe(hello.sessionKeyHex);
    const completed = completeHello({ pending, response: hello.response, nowMs: hello.acceptedAtMs });
    if (!completed.ok) throw new Error(completed.reason);
    expect(Buffer.from(completed.session.key).toString("hex")).toBe(hello.sessionKeyHex);
    expect(Buffer.from(completed.certificate).toString("hex")).toBe(hello.certificateHex);
  });

  it("makes and accepts the request's MAC", () => {
    const { bodyHex, headers, ...request } = vectors.sessionRequest;
    const body = fromHex(bodyHex);
    const session = {
      sessionId: vectors.hello.sessionIdHex,
      key: fromHex(vectors.hello.sessionKeyHex),
      peer: vectors.hotkeys[0]?.address ?? "",
      expiresAtMs: vectors.hello.acceptedAtMs + vectors.hello.ttlMs,
    };
    expect(macRequest(session, { ...request, body })).toEqual(headers);
    const { method, path, timestampMs } = request;
    const result = verifySessionRequest({ session, counters: createCounterWindow(), headers, method, path, body, nowMs: timestampMs });
    expect(result.ok).toBe(true);
  });
});
