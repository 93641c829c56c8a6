import type { AnyCodec, FieldShape, PrimitiveName, Shape, ValueOf } from "../scale/codec.js";
import { option, vec } from "../scale/collections.js";
import { compactU32, text, u8, u32 } from "../scale/primitives.js";
import { holding, struct, variant } from "../scale/records.js";

const docs = vec(text);
const field = struct("", { name: option(text), type: compactU32, typeName: option(text), docs });
const parameter = struct("", { name: text, type: option(compactU32) });

const typeDefinition = variant("", {
  Composite: holding(0, [vec(field)]),
  Variant: holding(1, [vec(struct("", { name: text, fields: vec(field), index: u8, docs }))]),
  Sequence: holding(2, [compactU32]),
  Array: holding(3, [u32, compactU32]),
  Tuple: holding(4, [vec(compactU32)]),
  Primitive: holding(5, [u8]),
  Compact: holding(6, [compactU32]),
});

const portableType = struct("", {
  id: compactU32,
  type: struct("", { path: vec(text), params: vec(parameter), def: typeDefinition, docs }),
});

/** The type list of metadata. */
export const portableTypes = vec(portableType);
type PortableType = ValueOf<typeof portableType>;
type Definition = ValueOf<typeof typeDefinition>;
type PortableField = ValueOf<typeof field>;

const primitiveIndices: Readonly<Record<PrimitiveName, number>> = {
  bool: 0,
  str: 2,
  u8: 3,
  u16: 4,
  u32: 5,
  u64: 6,
  u128: 7,
  i8: 9,
  i16: 10,
  i32: 11,
  i64: 12,
  i128: 13,
};

/**
 * Gives every type that is reachable from the codecs it is shown an id, once, and lists them as metadata does.
 *
 * Types with a path are the same when path and parameters are; others when their parts are.
 */
export class PortableRegistry {
  private readonly types: PortableType[] = [];
  private readonly idsByShape = new Map<Shape, number>();
  private readonly idsByKey = new Map<string, number>();

  /** The id of a codec's type. */
  idOf(codec: AnyCodec): number {
    const shape = codec.shape;
    const known = this.idsByShape.get(shape);
    if (known !== undefined) return known;
    const id = shape.kind === "composite" || shape.kind === "variant" ? this.addNamed(shape) : this.addStructural(shape);
    this.idsByShape.set(shape, id);
    return id;
  }

  /** All types, in order of id. */
  list(): readonly PortableType[] {
    return this.types;
  }

  private reserve(): number {
    const id = this.types.length;
    this.types.push({ id, type: { path: [], params: [], def: { type: "Tuple", value: [[]] }, docs: [] } });
    return id;
  }

  private addNamed(shape: Extract<Shape, { kind: "composite" | "variant" }>): number {
    const params = shape.parameters.map(({ name, codec }) => ({ name, type: codec === null ? null : this.idOf(codec) }));
    const key = `${shape.path.join("::")}<${params.map((each) => `${each.name}=${each.type}`).join()}>`;
    const known = this.idsByKey.get(key);
    if (known !== undefined) return known;
    // The id is given before the fields are visited: a type may hold itself.
    const id = this.reserve();
    this.idsByKey.set(key, id);
    this.idsByShape.set(shape, id);
    // Python's client reports a dispatch error by its name only when the metadata explains it.
    const isErrorOfPallet = shape.path.at(-1) === "Error";
    const def: Definition =
      shape.kind === "composite"
        ? { type: "Composite", value: [this.fields(shape.fields)] }
        : {
            type: "Variant",
            value: [
              shape.variants.map((each) => ({
                name: each.name,
                fields: this.fields(each.fields),
                index: each.index,
                docs: isErrorOfPallet ? [inWords(each.name)] : [],
              })),
            ],
          };
    this.types[id] = { id, type: { path: shape.path, params, def, docs: [] } };
    return id;
  }

  private addStructural(shape: Exclude<Shape, { kind: "composite" | "variant" }>): number {
    const def = this.structuralDefinition(shape);
    const key = JSON.stringify(def);
    const known = this.idsByKey.get(key);
    if (known !== undefined) return known;
    const id = this.reserve();
    this.idsByKey.set(key, id);
    this.types[id] = { id, type: { path: [], params: [], def, docs: [] } };
    return id;
  }

  private structuralDefinition(shape: Exclude<Shape, { kind: "composite" | "variant" }>): Definition {
    switch (shape.kind) {
      case "primitive":
        return { type: "Primitive", value: [primitiveIndices[shape.name]] };
      case "compact":
        return { type: "Compact", value: [this.idOf(shape.of)] };
      case "sequence":
        return { type: "Sequence", value: [this.idOf(shape.of)] };
      case "array":
        return { type: "Array", value: [shape.length, this.idOf(shape.of)] };
      case "tuple":
        return { type: "Tuple", value: [shape.of.map((each) => this.idOf(each))] };
    }
  }

  private fields(fields: readonly FieldShape[]): readonly PortableField[] {
    return fields.map(({ name, codec }) => ({ name, type: this.idOf(codec), typeName: typeNameOf(codec.shape), docs: [] }));
  }
}

/** A type as Rust would name it, without parameters. Metadata may leave names of fields' types out, but Python's decoder of extrinsics needs them. */
function typeNameOf(shape: Shape): string {
  switch (shape.kind) {
    case "primitive":
      return shape.name;
    case "compact":
      return typeNameOf(shape.of.shape);
    case "sequence":
      return `Vec<${typeNameOf(shape.of.shape)}>`;
    case "array":
      return `[${typeNameOf(shape.of.shape)}; ${shape.length}]`;
    case "tuple":
      return `(${shape.of.map((each) => typeNameOf(each.shape)).join(", ")})`;
    case "composite":
    case "variant":
      return shape.path.at(-1) ?? "";
  }
}

/** `NotEnoughBalanceToStake` as `Not enough balance to stake.` */
function inWords(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, (_, last: string, first: string) => `${last} ${first.toLowerCase()}`);
  return `${words}.`;
}
