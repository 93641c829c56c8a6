import { ScaleError } from "./bytes.js";
import type { AnyCodec, Codec, ValueOf } from "./codec.js";
import { fromHex, toHex } from "./hex.js";
import { readLength, u8, u16, writeCompact } from "./primitives.js";

/** `Vec<T>`. */
export function vec<T>(of: Codec<T>): Codec<readonly T[]> {
  return {
    shape: { kind: "sequence", of },
    encode(value, sink) {
      writeCompact(BigInt(value.length), sink);
      for (const item of value) of.encode(item, sink);
    },
    decode(source) {
      const length = readLength(source);
      const items: T[] = new Array<T>(length);
      for (let index = 0; index < length; index += 1) items[index] = of.decode(source);
      return items;
    },
  };
}

/** `Vec<u8>` as bytes. */
export const bytes: Codec<Uint8Array> = {
  shape: { kind: "sequence", of: u8 },
  encode(value, sink) {
    writeCompact(BigInt(value.length), sink);
    sink.bytes(value);
  },
  decode: (source) => source.bytes(readLength(source)),
};

/** `[u8; length]` as bytes. */
export function fixedBytes(length: number): Codec<Uint8Array> {
  return {
    shape: { kind: "array", of: u8, length },
    encode(value, sink) {
      if (value.length !== length) throw new ScaleError(`Expected ${length} bytes, got ${value.length}`);
      sink.bytes(value);
    },
    decode: (source) => source.bytes(length),
  };
}

/** `[u8; length]` as a hex string with `0x`, which can be compared and used as a key. */
export function fixedHex(length: number): Codec<string> {
  const raw = fixedBytes(length);
  return {
    shape: raw.shape,
    encode: (value, sink) => raw.encode(fromHex(value), sink),
    decode: (source) => toHex(raw.decode(source)),
  };
}

/** A tuple; `tuple()` is the unit type. */
export function tuple<const C extends readonly AnyCodec[]>(...of: C): Codec<{ readonly [K in keyof C]: ValueOf<C[K]> }> {
  type Value = { readonly [K in keyof C]: ValueOf<C[K]> };
  return {
    shape: { kind: "tuple", of },
    encode(value: Value, sink) {
      const items: readonly unknown[] = value;
      of.forEach((codec, index) => {
        codec.encode(items[index], sink);
      });
    },
    // The mapped tuple type cannot be built item by item in a way the checker follows.
    decode: (source) => of.map((codec) => codec.decode(source)) as unknown as Value,
  };
}

function optionShape(of: AnyCodec) {
  return {
    kind: "variant",
    path: ["Option"],
    parameters: [{ name: "T", codec: of }],
    variants: [
      { name: "None", index: 0, fields: [] },
      { name: "Some", index: 1, fields: [{ name: null, codec: of }] },
    ],
  } as const;
}

/** `Option<T>`, None as `null`. */
export function option<T>(of: Codec<T>): Codec<T | null> {
  return {
    shape: optionShape(of),
    encode(value, sink) {
      sink.u8(value === null ? 0 : 1);
      if (value !== null) of.encode(value, sink);
    },
    decode: (source) => (readOptionTag(source.u8()) ? of.decode(source) : null),
  };
}

/** `Option<T>` with None as `undefined`, for an option around a `T` that may itself be `null`. */
export function optional<T>(of: Codec<T>): Codec<T | undefined> {
  return {
    shape: optionShape(of),
    encode(value, sink) {
      sink.u8(value === undefined ? 0 : 1);
      if (value !== undefined) of.encode(value, sink);
    },
    decode: (source) => (readOptionTag(source.u8()) ? of.decode(source) : undefined),
  };
}

function readOptionTag(tag: number): boolean {
  if (tag > 1) throw new ScaleError(`Not an option: ${tag}`);
  return tag === 1;
}

/** `BoundedVec<T, S>`; longer input is refused on decoding. */
export function boundedVec<T>(of: Codec<T>, maximumLength: number): Codec<readonly T[]> {
  return bounded(of, vec(of), maximumLength);
}

/** `BoundedVec<u8, S>` as bytes. */
export function boundedBytes(maximumLength: number): Codec<Uint8Array> {
  return bounded(u8, bytes, maximumLength);
}

function bounded<V extends { readonly length: number }>(of: AnyCodec, inner: Codec<V>, maximumLength: number): Codec<V> {
  return {
    shape: {
      kind: "composite",
      path: ["bounded_collections", "bounded_vec", "BoundedVec"],
      parameters: [
        { name: "T", codec: of },
        { name: "S", codec: null },
      ],
      fields: [{ name: null, codec: inner }],
    },
    encode: (value, sink) => inner.encode(value, sink),
    decode(source) {
      const value = inner.decode(source);
      if (value.length > maximumLength) throw new ScaleError(`${value.length} items in a vector bounded to ${maximumLength}`);
      return value;
    },
  };
}

/** `Vec<(u16, u16)>`: what `vec(tuple(u16, u16))` is, read and written directly. An epoch handles tens of thousands of these pairs. */
export function u16Pairs(): Codec<readonly (readonly [number, number])[]> {
  const shape = vec(tuple(u16, u16)).shape;
  return {
    shape,
    encode(value, sink) {
      writeCompact(BigInt(value.length), sink);
      for (const [first, second] of value) {
        sink.u16(first);
        sink.u16(second);
      }
    },
    decode(source) {
      const length = readLength(source);
      const pairs: (readonly [number, number])[] = [];
      for (let index = 0; index < length; index += 1) pairs.push([source.u16(), source.u16()]);
      return pairs;
    },
  };
}
