import { describe, expect, it } from "@jest/globals";
import { decodeAddress } from "@polkadot/util-crypto";
import { z } from "zod";
import { readFixture } from "../../test/fixtures/read-fixture.js";
import { mechanismStorageIndex, weightsCommitHash } from "./commit-hash.js";

const numbers = z.array(z.number());
const fixture = readFixture(
  "commit-hash",
  z.object({
    cases: z
      .array(
        z.object({
          hotkey: z.string(),
          storageIndex: z.number(),
          uids: numbers,
          values: numbers,
          versionKey: z.coerce.bigint(),
          salt: numbers,
          hash: z.string(),
        }),
      )
      .min(1),
  }),
);

describe("weightsCommitHash", () => {
  it.each(fixture.cases)("is the hash of the Python SDK: $hash", ({ hotkey, storageIndex, uids, values, versionKey, salt, hash }) => {
    const weights = uids.map((uid, index) => ({ uid, weightU16: values[index] ?? 0 }));
    expect(weightsCommitHash({ hotkeyPublicKey: decodeAddress(hotkey), storageIndex, weights, salt, versionKey })).toBe(hash);
  });
});

describe("mechanismStorageIndex", () => {
  it("is the netuid for the first mechanism", () => {
    expect(mechanismStorageIndex(64)).toBe(64);
    expect(mechanismStorageIndex(64, 2)).toBe(8256);
  });
});
