import { type ByteSink, type ByteSource, ScaleError } from "./bytes.js";
import type { Codec, PrimitiveName } from "./codec.js";

function primitive<T>(name: PrimitiveName, encode: (value: T, sink: ByteSink) => void, decode: (source: ByteSource) => T): Codec<T> {
  return { shape: { kind: "primitive", name }, encode, decode };
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();
const mask64 = 0xffff_ffff_ffff_ffffn;

/** Codec of an unsigned integer of 8 bits, little-endian. */
export const u8 = primitive<number>(
  "u8",
  (value, sink) => sink.u8(value),
  (source) => source.u8(),
);
/** Codec of an unsigned integer of 16 bits, little-endian. */
export const u16 = primitive<number>(
  "u16",
  (value, sink) => sink.u16(value),
  (source) => source.u16(),
);
/** Codec of an unsigned integer of 32 bits, little-endian. */
export const u32 = primitive<number>(
  "u32",
  (value, sink) => sink.u32(value),
  (source) => source.u32(),
);
/** Codec of an unsigned integer of 64 bits, little-endian, as a bigint. */
export const u64 = primitive<bigint>(
  "u64",
  (value, sink) => sink.u64(value),
  (source) => source.u64(),
);
/** Codec of an unsigned integer of 128 bits, little-endian, as a bigint. */
export const u128 = primitive<bigint>(
  "u128",
  (value, sink) => {
    sink.u64(value & mask64);
    sink.u64((value >> 64n) & mask64);
  },
  (source) => source.u64() | (source.u64() << 64n),
);
/** Codec of a signed integer of 16 bits, little-endian two's complement. */
export const i16 = primitive<number>(
  "i16",
  (value, sink) => sink.u16(value & 0xffff),
  (source) => (source.u16() << 16) >> 16,
);
/** Codec of a signed integer of 64 bits, little-endian two's complement, as a bigint. */
export const i64 = primitive<bigint>(
  "i64",
  (value, sink) => sink.u64(BigInt.asUintN(64, value)),
  (source) => BigInt.asIntN(64, source.u64()),
);
/** Codec of a signed integer of 128 bits, little-endian two's complement, as a bigint. */
export const i128 = primitive<bigint>(
  "i128",
  (value, sink) => u128.encode(BigInt.asUintN(128, value), sink),
  (source) => BigInt.asIntN(128, u128.decode(source)),
);
/** Codec of a truth value: one byte. Decoding throws {@link ScaleError} if it is not 0 or 1. */
export const bool = primitive<boolean>(
  "bool",
  (value, sink) => sink.u8(value ? 1 : 0),
  (source) => {
    const byte = source.u8();
    if (byte > 1) throw new ScaleError(`Not a bool: ${byte}`);
    return byte === 1;
  },
);
/** Codec of a text: its length in bytes, compact, and its UTF-8. */
export const text = primitive<string>(
  "str",
  (value, sink) => {
    const encoded = textEncoder.encode(value);
    writeCompact(BigInt(encoded.length), sink);
    sink.bytes(encoded);
  },
  (source) => textDecoder.decode(source.bytes(readLength(source))),
);

/** Writes a SCALE compact integer. */
export function writeCompact(value: bigint, sink: ByteSink): void {
  if (value < 0x40n) sink.u8(Number(value) << 2);
  else if (value < 0x4000n) sink.u16((Number(value) << 2) | 1);
  else if (value < 0x4000_0000n) sink.u32(Number(value) * 4 + 2);
  else {
    const bytes: number[] = [];
    for (let rest = value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn));
    while (bytes.length < 4) bytes.push(0);
    sink.u8(((bytes.length - 4) << 2) | 3);
    sink.bytes(Uint8Array.from(bytes));
  }
}

/** Reads a SCALE compact integer. */
function readCompact(source: ByteSource): bigint {
  const first = source.u8();
  switch (first & 3) {
    case 0:
      return BigInt(first >> 2);
    case 1:
      return BigInt((first >> 2) | (source.u8() << 6));
    case 2:
      return BigInt((first >> 2) + source.u8() * 2 ** 6 + source.u16() * 2 ** 14);
    default: {
      const bytes = source.bytes((first >> 2) + 4);
      let value = 0n;
      for (let index = bytes.length - 1; index >= 0; index -= 1) value = (value << 8n) | BigInt(bytes[index] ?? 0);
      return value;
    }
  }
}

/** Reads the length of a sequence; refuses lengths that the remaining bytes cannot hold (a zero-sized item does not occur). */
export function readLength(source: ByteSource): number {
  const length = readCompact(source);
  if (length > BigInt(source.remaining)) throw new ScaleError(`A sequence of ${length} items in ${source.remaining} bytes`);
  return Number(length);
}

function compactNumber(of: Codec<number>, maximum: bigint): Codec<number> {
  return {
    shape: { kind: "compact", of },
    encode: (value, sink) => writeCompact(BigInt(value), sink),
    decode: (source) => Number(checkRange(readCompact(source), maximum)),
  };
}

function compactBigint(of: Codec<bigint>, maximum: bigint): Codec<bigint> {
  return {
    shape: { kind: "compact", of },
    encode: (value, sink) => writeCompact(value, sink),
    decode: (source) => checkRange(readCompact(source), maximum),
  };
}

function checkRange(value: bigint, maximum: bigint): bigint {
  if (value > maximum) throw new ScaleError(`Compact ${value} is over ${maximum}`);
  return value;
}

/** Codec of an unsigned integer of 8 bits in the compact encoding. Decoding throws {@link ScaleError} above its range. */
export const compactU8 = compactNumber(u8, 0xffn);
/** Codec of an unsigned integer of 16 bits in the compact encoding. Decoding throws {@link ScaleError} above its range. */
export const compactU16 = compactNumber(u16, 0xffffn);
/** Codec of an unsigned integer of 32 bits in the compact encoding. Decoding throws {@link ScaleError} above its range. */
export const compactU32 = compactNumber(u32, 0xffff_ffffn);
/** Codec of an unsigned integer of 64 bits in the compact encoding, as a bigint. Decoding throws {@link ScaleError} above its range. */
export const compactU64 = compactBigint(u64, mask64);
/** Codec of an unsigned integer of 128 bits in the compact encoding, as a bigint. Decoding throws {@link ScaleError} above its range. */
export const compactU128 = compactBigint(u128, (1n << 128n) - 1n);
