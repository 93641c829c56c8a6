import { beforeAll, describe, expect, it } from "@jest/globals";
import {
  encodeAddress,
  keyExtractSuri,
  keyFromPath,
  mnemonicToMiniSecret,
  sr25519PairFromSeed,
  sr25519Sign,
  sr25519Verify,
} from "@polkadot/util-crypto";
import { VisionError } from "@vision/protocol";
import fc from "fast-check";
import { isAddress, parseAddress, toAddress } from "./address.js";
import { createHotkeyFromMnemonic, createHotkeyFromSeed, createHotkeyFromUri } from "./hotkey.js";
import { ready } from "./ready.js";
import { verifySignature } from "./verify-signature.js";

const phrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
const message = Buffer.from("message");

function codeOf(action: () => unknown): string | null {
  try {
    action();
    return null;
  } catch (error) {
    return VisionError.isInstance(error) ? error.code : "not a VisionError";
  }
}

describe("before ready", () => {
  it("names the missing call", () => {
    expect(codeOf(() => createHotkeyFromSeed(new Uint8Array(32)))).toBe("SIGNING_NOT_READY");
  });
});

describe("hotkeys", () => {
  beforeAll(ready);

  it("derives the same keys from seeds and phrases as util-crypto", () => {
    for (let byte = 0; byte < 8; byte += 1) {
      const seed = new Uint8Array(32).fill(byte);
      expect(createHotkeyFromSeed(seed).address).toBe(encodeAddress(sr25519PairFromSeed(seed).publicKey, 42));
    }
    expect(createHotkeyFromMnemonic(phrase).address).toBe(encodeAddress(sr25519PairFromSeed(mnemonicToMiniSecret(phrase)).publicKey, 42));
  });

  it("derives hard, soft and password junctions as util-crypto", () => {
    const uris = [
      ...["//Alice", "//Alice/soft/1", "//0//42", "//Bob///secret", "//Bob///sec/ret//x", `${phrase}//x`, `0x${"05".repeat(32)}//y`],
      ...["//0xab01", "//0x", `//0x${"ab".repeat(33)}`, "//0xabc", "/Zoë", "/Zoe\u0308", `//${"n".repeat(31)}`, `//${"n".repeat(32)}`],
      ...[`/${"n".repeat(63)}`, `/${"n".repeat(64)}`, `//${"n".repeat(17_000)}`, `//${2n ** 256n - 1n}`, "//18446744073709551616", "//007"],
    ];
    for (const uri of uris) {
      const { password, path, phrase: secret } = keyExtractSuri(uri.startsWith("/") ? phrase + uri : uri);
      const seed = secret.startsWith("0x") ? Buffer.from(secret.slice(2), "hex") : mnemonicToMiniSecret(secret, password);
      const expected = keyFromPath(sr25519PairFromSeed(seed), path, "sr25519").publicKey;
      expect({ uri, address: createHotkeyFromUri(uri).address }).toEqual({ uri, address: encodeAddress(expected, 42) });
    }
    expect(createHotkeyFromUri("//Alice").address).toBe("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
  });

  it("makes signatures that util-crypto accepts, and accepts util-crypto's", () => {
    const hotkey = createHotkeyFromUri("//Alice");
    expect(sr25519Verify(message, hotkey.sign(message), hotkey.publicKey)).toBe(true);
    const pair = sr25519PairFromSeed(new Uint8Array(32).fill(9));
    expect(verifySignature({ address: toAddress(pair.publicKey), message, signature: sr25519Sign(message, pair) })).toBe(true);
  });

  it("refuses what is no key, without quoting it", () => {
    expect(codeOf(() => createHotkeyFromSeed(new Uint8Array(31)))).toBe("SIGNING_INVALID_KEY");
    expect(codeOf(() => createHotkeyFromMnemonic("correct horse battery staple"))).toBe("SIGNING_INVALID_KEY");
    for (const uri of ["", "not a phrase//x", "0x12", `0x${"0".repeat(63)}g//x`, `//${2n ** 256n}`, "//Alice//", "//Alice/ /"]) {
      expect({ uri, code: codeOf(() => createHotkeyFromUri(uri)) }).toEqual({ uri, code: "SIGNING_INVALID_KEY" });
    }
    expect(() => createHotkeyFromMnemonic("correct horse battery staple")).not.toThrow(/staple/);
  });

  it("keeps the secret out of JSON and inspection", () => {
    const seed = new Uint8Array(32).fill(7);
    const text = JSON.stringify(createHotkeyFromSeed(seed));
    expect(text).not.toContain("07".repeat(4));
    expect(Object.keys(createHotkeyFromSeed(seed)).sort()).toEqual(["address", "publicKey", "sign"]);
  });
});

describe("verifySignature", () => {
  beforeAll(ready);

  it("returns false for every broken input", () => {
    const { address, sign } = createHotkeyFromUri("//Alice");
    const signature = sign(message);
    const flipped = Uint8Array.from(signature);
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    const broken = [
      { address, message, signature: flipped },
      { address, message: Buffer.from("other"), signature },
      { address, message, signature: signature.subarray(0, 63) },
      { address, message, signature: new Uint8Array(0) },
      { address, message, signature: new Uint8Array(64) },
      { address, message, signature: new Uint8Array(64).fill(255) },
      { address: createHotkeyFromUri("//Bob").address, message, signature },
      { address: "", message, signature },
      { address: "5".repeat(48), message, signature },
      { address: toAddress(new Uint8Array(32).fill(255)), message, signature },
    ];
    broken.forEach((claim, index) => {
      expect({ index, isValid: verifySignature(claim) }).toEqual({ index, isValid: false });
    });
    expect(verifySignature({ address, message, signature })).toBe(true);
  });
});

describe("addresses", () => {
  it("reads and writes them as util-crypto", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (publicKey) => {
        expect(toAddress(publicKey)).toBe(encodeAddress(publicKey, 42));
        expect(parseAddress(toAddress(publicKey))).toEqual(publicKey);
      }),
    );
    for (const byte of [0, 255]) expect(toAddress(new Uint8Array(32).fill(byte))).toBe(encodeAddress(new Uint8Array(32).fill(byte), 42));
    expect(codeOf(() => toAddress(new Uint8Array(33)))).toBe("SIGNING_INVALID_KEY");
  });

  it("refuses an address with one letter changed", () => {
    const address = toAddress(new Uint8Array(32).fill(3));
    for (let at = 0; at < address.length; at += 1) {
      const changed = `${address.slice(0, at)}${address[at] === "7" ? "8" : "7"}${address.slice(at + 1)}`;
      expect({ changed, isAddress: isAddress(changed) }).toEqual({ changed, isAddress: false });
    }
  });

  it("knows one spelling of an account", () => {
    const publicKey = new Uint8Array(32).fill(3);
    expect(parseAddress(toAddress(publicKey))).toEqual(publicKey);
    for (const text of [encodeAddress(publicKey, 0), `0x${"03".repeat(32)}`, "", "5GrwvaEF", `${toAddress(publicKey)} `]) {
      expect({ text, isAddress: isAddress(text) }).toEqual({ text, isAddress: false });
      expect(codeOf(() => parseAddress(text))).toBe("SIGNING_INVALID_KEY");
    }
  });
});
