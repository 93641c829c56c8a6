import { expandMetadata, Metadata, TypeRegistry } from "@polkadot/types";
import type { StorageEntry } from "@polkadot/types/primitive/types";
import { unwrapStorageSi } from "@polkadot/types/util";
import type { Codec } from "@polkadot/types-codec/types";
import { ChainError } from "../errors/chain-error.js";

/** What identifies a runtime. */
export type RuntimeVersion = {
  readonly specName: string;
  readonly specVersion: number;
  readonly transactionVersion: number;
};

/** One storage item that can be read. */
export type StorageItem = {
  /** Key in the trie, hex. */
  key(args: readonly unknown[]): string;
  /** The value in JSON form, the item's default where nothing is stored, null for an optional item without a value. */
  decode(hex: string | null): unknown;
};

/** One runtime API method. */
export type RuntimeMethod = {
  /** Name for `state_call`. */
  readonly name: string;
  encode(args: readonly unknown[]): string;
  decode(hex: string): unknown;
};

/** A runtime as its metadata describes it. Everything is looked up by the chain's own names; what is absent is null. */
export type Runtime = {
  readonly version: RuntimeVersion;
  readonly genesisHash: string;
  readonly registry: TypeRegistry;
  /** The encoded call, or null when the runtime has no such call. Names as in Rust: `SubtensorModule`, `set_weights`. */
  call(pallet: string, name: string, args: Readonly<Record<string, unknown>>): Uint8Array | null;
  hasCall(pallet: string, name: string): boolean;
  storage(pallet: string, item: string): StorageItem | null;
  api(api: string, method: string): RuntimeMethod | null;
  /** A dispatch error's own name by pallet index and error index, such as `SettingWeightsTooFast`. */
  errorName(palletIndex: number, errorIndex: number): { readonly pallet: string; readonly name: string } | null;
};

/** Builds a {@link Runtime} from SCALE metadata of version 14, 15 or 16. Takes about 300 ms for subtensor's. */
export function createRuntime(metadataHex: string, identity: { readonly version: RuntimeVersion; readonly genesisHash: string }): Runtime {
  const registry = new TypeRegistry();
  const metadata = new Metadata(registry, metadataHex as `0x${string}`);
  // Extensions that polkadot.js does not know carry no bytes on subtensor; the last argument keeps it from warning about them.
  registry.setMetadata(metadata, undefined, undefined, true);
  const decorated = expandMetadata(registry, metadata);
  const apis = metadata.asLatest.apis;

  return {
    ...identity,
    registry,
    hasCall: (pallet, name) => decorated.tx[camel(pallet)]?.[camel(name)] !== undefined,
    call(pallet, name, args) {
      const create = decorated.tx[camel(pallet)]?.[camel(name)];
      if (create === undefined) return null;
      return create(...create.meta.args.map((argument) => argumentOf(args, argument.name.toString(), `${pallet}.${name}`))).toU8a();
    },
    storage(pallet, item) {
      const entry = decorated.query[camel(pallet)]?.[camel(item)];
      return entry === undefined ? null : createStorageItem(registry, entry);
    },
    api(api, method) {
      const found = apis.find((entry) => entry.name.toString() === api)?.methods.find((entry) => entry.name.toString() === method);
      if (found === undefined) return null;
      return {
        name: `${api}_${method}`,
        encode: (args) =>
          toHex(
            found.inputs.map((input, index) => registry.createTypeUnsafe(registry.createLookupType(input.type), [args[index]]).toU8a()),
          ),
        decode: (hex) => registry.createTypeUnsafe(registry.createLookupType(found.output), [fromHex(hex)]).toJSON(),
      };
    },
    errorName(palletIndex, errorIndex) {
      try {
        const { section, name } = registry.findMetaError(Uint8Array.of(palletIndex, errorIndex));
        return { pallet: section, name };
      } catch {
        return null;
      }
    },
  };
}

function createStorageItem(registry: TypeRegistry, entry: StorageEntry): StorageItem {
  const { meta } = entry;
  const type = registry.createLookupType(unwrapStorageSi(meta.type));
  return {
    key: (args) => registry.createType("StorageKey", args.length === 0 ? entry : [entry, [...args]]).toHex(),
    decode(hex) {
      if (hex === null && meta.modifier.isOptional) return null;
      const value: Codec = registry.createTypeUnsafe(type, [fromHex(hex ?? meta.fallback.toHex())]);
      return value.toJSON();
    },
  };
}

function argumentOf(args: Readonly<Record<string, unknown>>, name: string, call: string): unknown {
  const found = Object.entries(args).find(([key]) => camel(key) === camel(name));
  if (found !== undefined) return found[1];
  throw new ChainError({
    code: "CHAIN_UNSUPPORTED",
    message: `The runtime's ${call} takes ${name}, which this version does not know.`,
    hint: "Update to a newer version.",
  });
}

/** polkadot.js names things in camel case: `SubtensorModule` is `subtensorModule`, `set_weights` is `setWeights`. */
function camel(name: string): string {
  const joined = name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

function toHex(parts: readonly Uint8Array[]): string {
  return `0x${Buffer.concat(parts).toString("hex")}`;
}

/** Codecs take bytes as SCALE; a hex string they would take as a value. */
function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
}
