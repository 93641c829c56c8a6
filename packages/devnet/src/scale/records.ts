import { type ByteSink, type ByteSource, ScaleError } from "./bytes.js";
import type { AnyCodec, Codec, FieldShape, ParameterShape, ValueOf } from "./codec.js";

/** Fields by name, or by position. */
export type Fields = Readonly<Record<string, AnyCodec>> | readonly AnyCodec[];

/** What a list of fields holds: an object for named fields, a tuple for positional ones. */
export type FieldValues<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** The variants of an enum: index on the wire and fields. */
export type VariantSpecs = Readonly<Record<string, { readonly index: number; readonly fields: Fields }>>;

/** A value of an enum: which variant and what it holds. */
export type VariantValue<V extends VariantSpecs> = {
  readonly [K in keyof V & string]: { readonly type: K; readonly value: FieldValues<V[K]["fields"]> };
}[keyof V & string];

function isPositional(fields: Fields): fields is readonly AnyCodec[] {
  return Array.isArray(fields);
}

/** Fields as metadata lists them. */
function fieldShapes(fields: Fields): readonly FieldShape[] {
  if (isPositional(fields)) return fields.map((codec) => ({ name: null, codec }));
  return Object.entries(fields).map(([name, codec]) => ({ name, codec }));
}

function encodeFields(fields: Fields, value: unknown, sink: ByteSink): void {
  const values = value as Readonly<Record<string, unknown>>;
  for (const [name, codec] of Object.entries(fields)) codec.encode(values[name], sink);
}

function decodeFields(fields: Fields, source: ByteSource): unknown {
  if (isPositional(fields)) return fields.map((codec) => codec.decode(source));
  return Object.fromEntries(Object.entries(fields).map(([name, codec]) => [name, codec.decode(source)]));
}

/** A struct. `path` is the Rust path that metadata shows, as `a::b::C`. */
export function struct<const F extends Fields>(path: string, fields: F, parameters: readonly ParameterShape[] = []): Codec<FieldValues<F>> {
  return {
    shape: { kind: "composite", path: splitPath(path), parameters, fields: fieldShapes(fields) },
    encode: (value, sink) => encodeFields(fields, value, sink),
    decode: (source) => decodeFields(fields, source) as FieldValues<F>,
  };
}

/** A struct around one unnamed value, encoded as that value. */
export function newtype<T>(path: string, of: Codec<T>, parameters: readonly ParameterShape[] = []): Codec<T> {
  return {
    shape: { kind: "composite", path: splitPath(path), parameters, fields: [{ name: null, codec: of }] },
    encode: (value, sink) => of.encode(value, sink),
    decode: (source) => of.decode(source),
  };
}

/** An enum. */
export function variant<const V extends VariantSpecs>(
  path: string,
  variants: V,
  parameters: readonly ParameterShape[] = [],
): Codec<VariantValue<V>> {
  const byIndex = new Map(Object.entries(variants).map(([name, spec]) => [spec.index, { name, fields: spec.fields }]));
  return {
    shape: {
      kind: "variant",
      path: splitPath(path),
      parameters,
      variants: Object.entries(variants).map(([name, spec]) => ({ name, index: spec.index, fields: fieldShapes(spec.fields) })),
    },
    encode(value, sink) {
      const spec = variants[value.type];
      if (spec === undefined) throw new ScaleError(`No variant ${value.type} in ${path}`);
      sink.u8(spec.index);
      encodeFields(spec.fields, value.value, sink);
    },
    decode(source) {
      const index = source.u8();
      const spec = byIndex.get(index);
      if (spec === undefined) throw new ScaleError(`No variant ${index} in ${path}`);
      return { type: spec.name, value: decodeFields(spec.fields, source) } as VariantValue<V>;
    },
  };
}

/** A variant without fields. */
export function bare<const I extends number>(index: I) {
  return { index, fields: [] } as const;
}

/** A variant with fields. */
export function holding<const I extends number, const F extends Fields>(index: I, fields: F) {
  return { index, fields } as const;
}

/** An enum whose variants hold nothing, as their names. Indices are the positions. */
export function unitVariant<const N extends readonly string[]>(
  path: string,
  names: N,
  parameters: readonly ParameterShape[] = [],
): Codec<N[number]> {
  return {
    shape: {
      kind: "variant",
      path: splitPath(path),
      parameters,
      variants: names.map((name, index) => ({ name, index, fields: [] })),
    },
    encode(value, sink) {
      const index = names.indexOf(value);
      if (index < 0) throw new ScaleError(`No variant ${value} in ${path}`);
      sink.u8(index);
    },
    decode(source) {
      const index = source.u8();
      const name = names[index];
      if (name === undefined) throw new ScaleError(`No variant ${index} in ${path}`);
      return name;
    },
  };
}

/** A codec that is made on first use, for types that contain themselves. */
export function lazy<T>(make: () => Codec<T>): Codec<T> {
  let made: Codec<T> | undefined;
  const get = (): Codec<T> => {
    made ??= make();
    return made;
  };
  return {
    get shape() {
      return get().shape;
    },
    encode: (value, sink) => get().encode(value, sink),
    decode: (source) => get().decode(source),
  };
}

function splitPath(path: string): readonly string[] {
  return path === "" ? [] : path.split("::");
}
