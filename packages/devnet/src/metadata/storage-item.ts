import { blake2AsU8a, xxhashAsU8a } from "@polkadot/util-crypto";
import type { AnyCodec, Codec, ValueOf } from "../scale/codec.js";
import { encodeWith } from "../scale/codec.js";
import { toBareHex } from "../scale/hex.js";

/** How a key of a storage map is hashed. All three keep the key readable at the end of the hash. */
export type StorageHasher = "Blake2_128Concat" | "Twox64Concat" | "Identity";

/** One key of a storage map: its type and its hasher. */
export type StorageKey<T> = { readonly hasher: StorageHasher; readonly codec: Codec<T> };

/** A declared storage entry. `Read` is what reading gives: the value, or `null` for an unset optional one. */
export type StorageItem<Keys extends readonly unknown[], Value, Read> = {
  readonly pallet: string;
  readonly name: string;
  readonly keys: { readonly [K in keyof Keys]: StorageKey<Keys[K]> };
  readonly value: Codec<Value>;
  /** What an unset entry reads as. */
  readonly unset: Read;
  readonly isOptional: boolean;
  /** `twox128(pallet) ++ twox128(name)` as bare hex. */
  readonly prefix: string;
};

/** A storage entry of whatever types. */
export type AnyStorageItem = {
  readonly pallet: string;
  readonly name: string;
  readonly keys: readonly StorageKey<unknown>[];
  readonly value: AnyCodec;
  readonly unset: unknown;
  readonly isOptional: boolean;
  readonly prefix: string;
};

/** `twox128(pallet) ++ twox128(name)` as bare hex: where the keys of an entry begin. */
function storagePrefix(pallet: string, name: string): string {
  return toBareHex(xxhashAsU8a(pallet, 128)) + toBareHex(xxhashAsU8a(name, 128));
}

/** A key hashed with Blake2-128, the key itself appended. */
export function blake2Key<T>(codec: Codec<T>): StorageKey<T> {
  return { hasher: "Blake2_128Concat", codec };
}

/** A key hashed with Twox-64, the key itself appended. */
export function twoxKey<T>(codec: Codec<T>): StorageKey<T> {
  return { hasher: "Twox64Concat", codec };
}

/** A key as it is. */
export function plainKey<T>(codec: Codec<T>): StorageKey<T> {
  return { hasher: "Identity", codec };
}

type KeyValues<K extends readonly AnyStorageKey[]> = {
  readonly [I in keyof K]: K[I] extends { readonly codec: infer C } ? ValueOf<C> : never;
};
type AnyStorageKey = { readonly hasher: StorageHasher; readonly codec: AnyCodec };

/** An entry that reads as `fallback` while unset. */
export function stored<const K extends readonly AnyStorageKey[], V>(
  pallet: string,
  name: string,
  keys: K,
  value: Codec<V>,
  fallback: NoInfer<V>,
): StorageItem<KeyValues<K>, V, V> {
  return {
    pallet,
    name,
    keys: keys as StorageItem<KeyValues<K>, V, V>["keys"],
    value,
    unset: fallback,
    isOptional: false,
    prefix: storagePrefix(pallet, name),
  };
}

/** An entry that reads as `null` while unset. */
export function optionallyStored<const K extends readonly AnyStorageKey[], V>(
  pallet: string,
  name: string,
  keys: K,
  value: Codec<V>,
): StorageItem<KeyValues<K>, V, V | null> {
  return {
    pallet,
    name,
    keys: keys as StorageItem<KeyValues<K>, V, V | null>["keys"],
    value,
    unset: null,
    isOptional: true,
    prefix: storagePrefix(pallet, name),
  };
}

/** Hex digits that a hasher puts before the key. */
export const hashDigits: Readonly<Record<StorageHasher, number>> = { Blake2_128Concat: 32, Twox64Concat: 16, Identity: 0 };

const hashedKeys = new Map<string, string>();
const maximumCachedKeys = 100_000;

/** One hashed key as bare hex. Blake2 hashes are remembered: the same accounts come again and again. */
function hashKey(hasher: StorageHasher, encoded: Uint8Array): string {
  const plain = toBareHex(encoded);
  switch (hasher) {
    case "Identity":
      return plain;
    case "Twox64Concat":
      return toBareHex(xxhashAsU8a(encoded, 64)) + plain;
    case "Blake2_128Concat": {
      const known = hashedKeys.get(plain);
      if (known !== undefined) return known;
      if (hashedKeys.size >= maximumCachedKeys) hashedKeys.clear();
      const hashed = toBareHex(blake2AsU8a(encoded, 128)) + plain;
      hashedKeys.set(plain, hashed);
      return hashed;
    }
  }
}

/** The part of a storage key after the prefix, for all keys of an item or the first few, as bare hex. */
export function keySuffix(item: AnyStorageItem, keys: readonly unknown[]): string {
  let suffix = "";
  for (const [index, key] of item.keys.entries()) {
    if (index >= keys.length) break;
    suffix += hashKey(key.hasher, encodeWith(key.codec, keys[index]));
  }
  return suffix;
}

/** Bytes that metadata gives as the default of an entry. */
export function fallbackBytes(item: AnyStorageItem): Uint8Array {
  return item.isOptional ? Uint8Array.of(0) : encodeWith(item.value, item.unset);
}
