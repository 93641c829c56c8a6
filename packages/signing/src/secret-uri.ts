import type { Sr25519 } from "./ready.js";

/** One step from a key to a key under it. */
export type Junction = {
  readonly isHard: boolean;
  /** 32 bytes. */
  readonly chainCode: Uint8Array;
};

/** A secret URI, taken apart. */
export type SecretUri = {
  /** A mnemonic or a 0x seed; not checked. */
  readonly phrase: string;
  readonly junctions: readonly Junction[];
  /** Empty for none. */
  readonly password: string;
};

const URI = /^(0x[a-fA-F0-9]+|[\p{L}\d]+(?: [\p{L}\d]+)*)((?:\/\/?[^/]+)*)(?:\/\/\/(.*))?$/u;
const JUNCTION = /\/(\/?)([^/]+)/g;
const CHAIN_CODE_BYTES = 32;

/** The parts of a Substrate secret URI, `phrase//hard/soft///password`; `null` when it is none. */
export function parseSecretUri(uri: string, blake2b: Sr25519["blake2b"]): SecretUri | null {
  // The same phrase may be typed with composed or with combining accents.
  const [, phrase, path = "", password = ""] = URI.exec(uri.normalize("NFC")) ?? [];
  if (phrase === undefined) return null;
  const junctions: Junction[] = [];
  for (const [, hard, code = ""] of path.matchAll(JUNCTION)) {
    const bytes = junctionBytes(code);
    if (bytes === null) return null;
    const chainCode = new Uint8Array(CHAIN_CODE_BYTES);
    chainCode.set(bytes.length > CHAIN_CODE_BYTES ? blake2b(bytes, new Uint8Array(0), CHAIN_CODE_BYTES) : bytes);
    junctions.push({ isHard: hard === "/", chainCode });
  }
  return { phrase, junctions, password };
}

/** Numbers are little-endian, hex is bytes, any other text is SCALE-encoded. */
function junctionBytes(code: string): Uint8Array | null {
  if (/^\d+$/.test(code)) {
    const hex = BigInt(code)
      .toString(16)
      .padStart(2 * CHAIN_CODE_BYTES, "0");
    return hex.length > 2 * CHAIN_CODE_BYTES ? null : Buffer.from(hex, "hex").reverse();
  }
  if (/^0x(?:[\da-f]{2})*$/i.test(code)) return Buffer.from(code.slice(2), "hex");
  const text = Buffer.from(code, "utf8");
  return Buffer.concat([compactLength(text.length), text]);
}

/** SCALE's compact form of a length. */
function compactLength(length: number): Uint8Array {
  if (length < 2 ** 6) return Buffer.of(length << 2);
  const buffer = Buffer.alloc(length < 2 ** 14 ? 2 : 4);
  if (buffer.length === 2) buffer.writeUInt16LE((length << 2) | 0b01);
  else buffer.writeUInt32LE(length * 4 + 0b10);
  return buffer;
}
