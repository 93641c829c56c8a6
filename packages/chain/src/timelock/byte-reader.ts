import { ChainError } from "../errors/chain-error.js";

/** Reads fixed-size pieces and little-endian length-prefixed ones off a buffer, and refuses to read past its end. */
export type ByteReader = {
  take(byteCount: number): Uint8Array;
  /** u64 little-endian length, then that many bytes. */
  takePrefixed(): Uint8Array;
  readonly remainingBytes: number;
};

/** @throws {@link ChainError} `CHAIN_INVALID_WEIGHTS` from any read past the end. */
export function createByteReader(bytes: Uint8Array): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  const take = (byteCount: number): Uint8Array => {
    if (offset + byteCount > bytes.length) throw truncated(bytes.length);
    offset += byteCount;
    return bytes.subarray(offset - byteCount, offset);
  };
  return {
    take,
    takePrefixed() {
      if (offset + 8 > bytes.length) throw truncated(bytes.length);
      const length = view.getBigUint64(offset, true);
      if (length > BigInt(bytes.length)) throw truncated(bytes.length);
      offset += 8;
      return take(Number(length));
    },
    get remainingBytes() {
      return bytes.length - offset;
    },
  };
}

function truncated(length: number): ChainError {
  return new ChainError({ code: "CHAIN_INVALID_WEIGHTS", message: `A timelock ciphertext of ${length} bytes ends too early.` });
}
