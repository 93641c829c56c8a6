import { invalidModel } from "../tiny-error.js";

/** Reads little-endian values one after another; every read is checked against the end of the file. */
export type ByteReader = {
  readonly position: () => number;
  readonly u8: () => number;
  readonly i8: () => number;
  readonly u16: () => number;
  readonly i16: () => number;
  readonly u32: () => number;
  readonly i32: () => number;
  readonly f32: () => number;
  readonly f64: () => number;
  /** A 64-bit integer that fits a number exactly. */
  readonly u64: () => number;
  readonly i64: () => number;
  /** UTF-8 text behind its 64-bit length. */
  readonly text: () => string;
  /** A 64-bit count of things of at least `minBytesEach`, which must fit the rest of the file. */
  readonly count: (what: string, minBytesEach: number) => number;
};

/** A reader at the start of `bytes`. Its reads throw {@link TinyError} `TINY_INVALID_MODEL` past the end. */
export function createByteReader(bytes: Uint8Array): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  let position = 0;

  function take(length: number): number {
    if (length > bytes.byteLength - position) {
      throw invalidModel("The model file ends too early: it is cut off or damaged.", { position, wantedBytes: length });
    }
    const from = position;
    position += length;
    return from;
  }

  function safe(value: bigint): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number))
      throw invalidModel("A number in the model file is out of range.", { position, value: String(value) });
    return number;
  }

  const u64 = () => safe(view.getBigUint64(take(8), true));

  function count(what: string, minBytesEach: number): number {
    const value = u64();
    if (value * minBytesEach > bytes.byteLength - position) {
      throw invalidModel(`The model file announces more ${what} than it can hold.`, { position, count: value });
    }
    return value;
  }

  return {
    position: () => position,
    u8: () => view.getUint8(take(1)),
    i8: () => view.getInt8(take(1)),
    u16: () => view.getUint16(take(2), true),
    i16: () => view.getInt16(take(2), true),
    u32: () => view.getUint32(take(4), true),
    i32: () => view.getInt32(take(4), true),
    f32: () => view.getFloat32(take(4), true),
    f64: () => view.getFloat64(take(8), true),
    u64,
    i64: () => safe(view.getBigInt64(take(8), true)),
    text() {
      const length = count("bytes of text", 1);
      const from = take(length);
      try {
        return utf8.decode(bytes.subarray(from, from + length));
      } catch {
        throw invalidModel("A text in the model file is not UTF-8.", { position: from });
      }
    },
    count,
  };
}
