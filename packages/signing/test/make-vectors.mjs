// Writes test/signing.vectors.json from fixed seeds. Run after `npx tsup`: node test/make-vectors.mjs
// sr25519 signatures are randomised, so those in the file change with every run and only have to verify; everything else is exact.
import { writeFileSync } from "node:fs";
import { encodeAddress, sr25519PairFromSeed, sr25519Sign } from "@polkadot/util-crypto";
import {
  acceptHello,
  completeHello,
  createHello,
  createHotkeyFromSeed,
  createHotkeyFromUri,
  createReplayWindow,
  macRequest,
  ready,
  signRequest,
} from "../dist/index.js";

await ready();
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const fill = (byte) => new Uint8Array(32).fill(byte);
const validator = createHotkeyFromSeed(fill(1));
const miner = createHotkeyFromSeed(fill(2));
const nowMs = 1_750_000_000_000;
const uuid = "00000000-0000-4000-8000-000000000001";
const body = Buffer.from('{"prompt":"h\u00e9llo \u{1f30d}"}');

const oraclePair = sr25519PairFromSeed(fill(3));
const oracleMessage = Buffer.from("signed by @polkadot/util-crypto");

const hello = createHello({ hotkey: validator, minerAddress: miner.address, uuid, timestampMs: nowMs, ephemeralSeed: fill(11) });
const accepted = acceptHello({
  hotkey: miner,
  headers: hello.headers,
  body: hello.body,
  nowMs: nowMs + 5,
  replayWindow: createReplayWindow({ windowMs: 20_000, maxEntries: 16 }),
  certificate: fill(14),
  ephemeralSeed: fill(12),
  sessionIdBytes: new Uint8Array(16).fill(13),
  ttlMs: 3_600_000,
});
if (!accepted.ok) throw new Error(accepted.reason);
const completed = completeHello({ pending: hello.pending, response: accepted.response, nowMs: nowMs + 10 });
if (!completed.ok) throw new Error(completed.reason);
const request = { method: "POST", path: "/v1/chat/completions", body, timestampMs: nowMs + 20, counter: 7 };

const vectors = {
  hotkeys: [
    { seedHex: hex(fill(1)), address: validator.address, publicKeyHex: hex(validator.publicKey) },
    { seedHex: hex(fill(2)), address: miner.address, publicKeyHex: hex(miner.publicKey) },
  ],
  uris: ["//Alice", "//Bob", "//Alice//stash", "//Alice/soft"].map((uri) => ({ uri, address: createHotkeyFromUri(uri).address })),
  signatures: [
    {
      source: "@polkadot/util-crypto",
      address: encodeAddress(oraclePair.publicKey, 42),
      messageHex: hex(oracleMessage),
      signatureHex: hex(sr25519Sign(oracleMessage, oraclePair)),
    },
  ],
  epistula: [
    {
      bodyHex: hex(body),
      nowMs: nowMs + 100,
      ourAddress: miner.address,
      headers: signRequest({ hotkey: validator, body, signedFor: miner.address, uuid, timestampMs: nowMs }),
    },
  ],
  hello: {
    validatorSeedHex: hex(fill(1)),
    minerSeedHex: hex(fill(2)),
    validatorEphemeralSeedHex: hex(fill(11)),
    minerEphemeralSeedHex: hex(fill(12)),
    certificateHex: hex(fill(14)),
    sessionIdHex: accepted.session.sessionId,
    uuid,
    timestampMs: nowMs,
    acceptedAtMs: nowMs + 5,
    ttlMs: 3_600_000,
    bodyHex: hex(hello.body),
    headers: hello.headers,
    response: accepted.response,
    sessionKeyHex: hex(completed.session.key),
  },
  sessionRequest: { ...request, body: undefined, bodyHex: hex(body), headers: macRequest(completed.session, request) },
};
writeFileSync(new URL("./signing.vectors.json", import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
