import { ByteSink, ByteSource, ScaleError } from "./bytes.js";

/** Names of the primitive types of SCALE metadata that the node uses. */
export type PrimitiveName = "bool" | "str" | "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32" | "i64" | "i128";

/** One field of a composite or of a variant, as metadata describes it. */
export type FieldShape = { readonly name: string | null; readonly codec: AnyCodec };

/** A generic parameter of a type, as metadata describes it; `null` for one without a type. */
export type ParameterShape = { readonly name: string; readonly codec: AnyCodec | null };

/** What metadata says about a type. The same object that encodes also describes itself, so the two cannot differ. */
export type Shape =
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "compact"; readonly of: AnyCodec }
  | { readonly kind: "sequence"; readonly of: AnyCodec }
  | { readonly kind: "array"; readonly of: AnyCodec; readonly length: number }
  | { readonly kind: "tuple"; readonly of: readonly AnyCodec[] }
  | {
      readonly kind: "composite";
      readonly path: readonly string[];
      readonly parameters: readonly ParameterShape[];
      readonly fields: readonly FieldShape[];
    }
  | {
      readonly kind: "variant";
      readonly path: readonly string[];
      readonly parameters: readonly ParameterShape[];
      readonly variants: readonly { readonly name: string; readonly index: number; readonly fields: readonly FieldShape[] }[];
    };

/** Encodes and decodes one type and describes it for metadata. */
export type Codec<T> = {
  readonly shape: Shape;
  encode(value: T, sink: ByteSink): void;
  decode(source: ByteSource): T;
};

/** A codec of whatever type. */
export type AnyCodec = Codec<unknown>;

/** The type that a codec encodes. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/** The bytes of a value. */
export function encodeWith<T>(codec: Codec<T>, value: T): Uint8Array {
  const sink = new ByteSink();
  codec.encode(value, sink);
  return sink.finish();
}

/**
 * The value of bytes that hold nothing else.
 *
 * @throws {@link ScaleError} when bytes are missing, left over or invalid.
 */
export function decodeWith<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const source = new ByteSource(bytes);
  const value = codec.decode(source);
  if (source.remaining > 0) throw new ScaleError(`${source.remaining} bytes left over`);
  return value;
}
