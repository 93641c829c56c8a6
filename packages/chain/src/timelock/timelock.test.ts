import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { readFixture } from "../../test/fixtures/read-fixture.js";
import { quicknet, roundAtSeconds } from "./drand.js";
import { timelockDecrypt, timelockEncrypt } from "./timelock.js";
import { encodeLegacyWeightsPayload, encodeWeightsPayload } from "./weights-payload.js";

const hex = z.string().transform((text) => Uint8Array.from(Buffer.from(text, "hex")));
const fixture = readFixture(
  "timelock",
  z.object({
    signatureHex: hex,
    ciphertexts: z.array(z.object({ plaintextHex: hex, ciphertextHex: hex, round: z.number() })),
    commits: z
      .array(
        z.object({
          hotkeyHex: hex,
          uids: z.array(z.number()),
          values: z.array(z.number()),
          versionKey: z.coerce.bigint(),
          payloadHex: hex,
          ciphertextHex: hex,
        }),
      )
      .min(1),
    openedByPython: z.array(z.object({ plaintextHex: hex, ciphertextHex: hex, round: z.number() })).min(1),
  }),
);
const hello = new TextEncoder().encode("hello weights");

describe("timelock encryption", () => {
  it.each(fixture.ciphertexts)("opens what the Python package closed ($plaintextHex.length bytes)", ({ ciphertextHex, plaintextHex }) => {
    expect(timelockDecrypt(ciphertextHex, fixture.signatureHex)).toEqual(plaintextHex);
  });

  it("opens its own ciphertext with the signature of quicknet's round 1000", () => {
    const ciphertext = timelockEncrypt(hello, 1000);
    expect(ciphertext.length).toBe(hello.length + 244);
    expect(timelockDecrypt(ciphertext, fixture.signatureHex)).toEqual(hello);
  });

  it.each(fixture.openedByPython)(
    "makes the bytes that the Python package opened ($plaintextHex.length bytes)",
    ({ plaintextHex, ciphertextHex, round }) => {
      let counter = 0;
      const random = (byteCount: number) => Uint8Array.from({ length: byteCount }, () => (counter++ * 37 + 11) & 0xff);
      expect(timelockEncrypt(plaintextHex, round, { randomBytes: random })).toEqual(ciphertextHex);
    },
  );

  it("makes different bytes every time", () => {
    expect(timelockEncrypt(hello, 1000)).not.toEqual(timelockEncrypt(hello, 1000));
  });

  it("does not open with another round's signature, nor when a byte was changed or is missing", () => {
    const otherRound = timelockEncrypt(hello, 1001);
    expect(() => timelockDecrypt(otherRound, fixture.signatureHex)).toThrow(expect.objectContaining({ code: "CHAIN_INVALID_WEIGHTS" }));
    const good = timelockEncrypt(hello, 1000);
    for (const offset of [0, 110, 150, 190]) {
      const bad = Uint8Array.from(good);
      bad[offset] = (bad[offset] ?? 0) ^ 1;
      let outcome: unknown = `opened with byte ${offset} changed`;
      try {
        timelockDecrypt(bad, fixture.signatureHex);
      } catch (error) {
        outcome = error;
      }
      expect(outcome).toMatchObject({ code: "CHAIN_INVALID_WEIGHTS" });
    }
    expect(() => timelockDecrypt(good.subarray(0, 200), fixture.signatureHex)).toThrow(
      expect.objectContaining({ code: "CHAIN_INVALID_WEIGHTS" }),
    );
  });
});

describe("encodeWeightsPayload", () => {
  it.each(fixture.commits)("gives the bytes that the Python package hides in a commit", (commit) => {
    const weights = commit.uids.map((uid, index) => ({ uid, weightU16: commit.values[index] ?? 0 }));
    const payload = encodeWeightsPayload({ weights, versionKey: commit.versionKey, hotkeyPublicKey: commit.hotkeyHex });
    expect(payload).toEqual(commit.payloadHex);
    expect(timelockDecrypt(commit.ciphertextHex, fixture.signatureHex)).toEqual(payload);
    expect(encodeLegacyWeightsPayload({ weights, versionKey: commit.versionKey })).toEqual(payload.subarray(33));
  });
});

describe("roundAtSeconds", () => {
  it("counts periods since the beacon's genesis and is never below 1", () => {
    expect(roundAtSeconds(quicknet.genesisSeconds + 3000)).toBe(1000);
    expect(roundAtSeconds(quicknet.genesisSeconds + 3002.9)).toBe(1000);
    expect(roundAtSeconds(0)).toBe(1);
  });
});
