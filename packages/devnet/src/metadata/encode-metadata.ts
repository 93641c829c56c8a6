import { type AnyCodec, encodeWith, type ValueOf } from "../scale/codec.js";
import { bytes, option, tuple, vec } from "../scale/collections.js";
import { compactU32, text, u8, u32 } from "../scale/primitives.js";
import { holding, struct, variant } from "../scale/records.js";
import { type RuntimeApi, runtimeApis } from "./apis.js";
import { signedExtensions, signedExtra, uncheckedExtrinsic } from "./extrinsic-types.js";
import type { Pallet } from "./pallet.js";
import { PortableRegistry, portableTypes } from "./portable-registry.js";
import { runtimeCall, runtimeError, runtimeEvent } from "./runtime.js";
import { type AnyStorageItem, fallbackBytes, type StorageHasher } from "./storage-item.js";
import { multiAddress, multiSignature } from "./types/common.js";

/** Versions of metadata that the node can give. */
export const METADATA_VERSIONS = [14, 15] as const;
/** A version of metadata that {@link encodeMetadata} writes. */
export type MetadataVersion = (typeof METADATA_VERSIONS)[number];

const MAGIC = 0x6174_656d; // "meta" little-endian
const EXTRINSIC_VERSION = 4;
const docs = vec(text);
const typeId = compactU32;

const storageEntry = struct("", {
  name: text,
  modifier: u8,
  type: variant("", { Plain: holding(0, [typeId]), Map: holding(1, { hashers: vec(u8), key: typeId, value: typeId }) }),
  fallback: bytes,
  docs,
});
const palletStorage = struct("", { prefix: text, entries: vec(storageEntry) });
const palletFields = {
  name: text,
  storage: option(palletStorage),
  calls: option(typeId),
  events: option(typeId),
  constants: vec(struct("", { name: text, type: typeId, value: bytes, docs })),
  errors: option(typeId),
  index: u8,
} as const;
const palletV14 = struct("", palletFields);
const palletV15 = struct("", { ...palletFields, docs });
const extension = struct("", { identifier: text, type: typeId, additionalSigned: typeId });

const metadataV14 = struct("", {
  types: portableTypes,
  pallets: vec(palletV14),
  extrinsic: struct("", { type: typeId, version: u8, signedExtensions: vec(extension) }),
  type: typeId,
});

const metadataV15 = struct("", {
  types: portableTypes,
  pallets: vec(palletV15),
  extrinsic: struct("", {
    version: u8,
    addressType: typeId,
    callType: typeId,
    signatureType: typeId,
    extraType: typeId,
    signedExtensions: vec(extension),
  }),
  type: typeId,
  apis: vec(
    struct("", {
      name: text,
      methods: vec(struct("", { name: text, inputs: vec(struct("", { name: text, type: typeId })), output: typeId, docs })),
      docs,
    }),
  ),
  outerEnums: struct("", { callType: typeId, eventType: typeId, errorType: typeId }),
  custom: vec(tuple(text, struct("", { type: typeId, value: bytes }))),
});

const hasherIndices: Readonly<Record<StorageHasher, number>> = { Blake2_128Concat: 2, Twox64Concat: 5, Identity: 6 };

function describeEntry(item: AnyStorageItem, registry: PortableRegistry): ValueOf<typeof storageEntry> {
  const [onlyKey] = item.keys;
  const value = registry.idOf(item.value);
  const common = { name: item.name, modifier: item.isOptional ? 0 : 1, fallback: fallbackBytes(item), docs: [] };
  if (onlyKey === undefined) return { ...common, type: { type: "Plain", value: [value] } };
  const key: AnyCodec = item.keys.length === 1 ? onlyKey.codec : tuple(...item.keys.map((each) => each.codec));
  const hashers = item.keys.map((each) => hasherIndices[each.hasher]);
  return { ...common, type: { type: "Map", value: { hashers, key: registry.idOf(key), value } } };
}

function describePallet(pallet: Pallet, registry: PortableRegistry): ValueOf<typeof palletV14> {
  const idOrNull = (codec: AnyCodec | null): number | null => (codec === null ? null : registry.idOf(codec));
  return {
    name: pallet.name,
    storage:
      pallet.storage.length === 0 ? null : { prefix: pallet.name, entries: pallet.storage.map((item) => describeEntry(item, registry)) },
    calls: idOrNull(pallet.calls),
    events: idOrNull(pallet.events),
    constants: Object.entries(pallet.constants).map(([name, { codec, bytes: value }]) => ({
      name,
      type: registry.idOf(codec),
      value,
      docs: [],
    })),
    errors: idOrNull(pallet.errors),
    index: pallet.index,
  };
}

/**
 * The metadata of the declared surface, with magic number and version in front, as `state_getMetadata` gives it.
 *
 * @param pallets - In order of index.
 */
export function encodeMetadata(version: MetadataVersion, pallets: readonly Pallet[]): Uint8Array {
  const registry = new PortableRegistry();
  const describedPallets = pallets.map((each) => describePallet(each, registry));
  const extensions = signedExtensions.map(({ identifier, extra, implicit }) => ({
    identifier,
    type: registry.idOf(extra),
    additionalSigned: registry.idOf(implicit),
  }));
  const extrinsicType = registry.idOf(uncheckedExtrinsic);
  // The type of the runtime itself, which nobody reads; the call type stands for it.
  const type = registry.idOf(runtimeCall);
  const head = encodeWith(tuple(u32, u8), [MAGIC, version]);
  if (version === 14) {
    const extrinsic = { type: extrinsicType, version: EXTRINSIC_VERSION, signedExtensions: extensions };
    return concat(head, encodeWith(metadataV14, { types: registry.list(), pallets: describedPallets, extrinsic, type }));
  }
  const apis = Object.entries<RuntimeApi>(runtimeApis).map(([name, api]) => ({
    name,
    methods: Object.entries(api.methods).map(([methodName, { inputs, output }]) => ({
      name: methodName,
      inputs: Object.entries(inputs).map(([inputName, codec]) => ({ name: inputName, type: registry.idOf(codec) })),
      output: registry.idOf(output),
      docs: [],
    })),
    docs: [],
  }));
  const body = {
    pallets: describedPallets.map((each) => ({ ...each, docs: [] })),
    extrinsic: {
      version: EXTRINSIC_VERSION,
      addressType: registry.idOf(multiAddress),
      callType: registry.idOf(runtimeCall),
      signatureType: registry.idOf(multiSignature),
      extraType: registry.idOf(signedExtra),
      signedExtensions: extensions,
    },
    type,
    apis,
    outerEnums: { callType: registry.idOf(runtimeCall), eventType: registry.idOf(runtimeEvent), errorType: registry.idOf(runtimeError) },
    custom: [],
  };
  return concat(head, encodeWith(metadataV15, { types: registry.list(), ...body }));
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
