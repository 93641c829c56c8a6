import { type AnyStorageItem, hashDigits, keySuffix, type StorageItem } from "../metadata/storage-item.js";
import { ByteSource } from "../scale/bytes.js";
import { decodeWith, encodeWith } from "../scale/codec.js";
import { fromHex } from "../scale/hex.js";
import type { StateChanges, StateReader } from "./versioned-store.js";

type Mutable = Map<string, Uint8Array | null>;

/** A leading part of a tuple of keys. */
export type LeadingKeys<K extends readonly unknown[]> = K extends readonly [infer First, ...infer Rest]
  ? readonly [] | readonly [First, ...LeadingKeys<Rest>]
  : readonly [];

/**
 * Typed storage over encoded storage, with changes kept apart until they are taken.
 *
 * A dispatch works on a fork of it, so that a failing one leaves nothing behind.
 */
export class State implements StateReader {
  private changes: Mutable = new Map();

  constructor(private readonly base: StateReader) {}

  /** The value of an entry, or what it reads as while unset. */
  get<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, ...keys: K): V | R {
    const bytes = this.read(item.prefix + keySuffix(item, keys));
    return bytes === null ? item.unset : decodeWith(item.value, bytes);
  }

  /** True when an entry was set. */
  has<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, ...keys: K): boolean {
    return this.read(item.prefix + keySuffix(item, keys)) !== null;
  }

  /** Sets an entry. */
  put<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, keys: K, value: V): void {
    this.changes.set(item.prefix + keySuffix(item, keys), encodeWith(item.value, value));
  }

  /** Removes an entry. */
  remove<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, ...keys: K): void {
    this.changes.set(item.prefix + keySuffix(item, keys), null);
  }

  /** Every set entry whose keys begin with `leading`: its keys and its value, in the order of the encoded keys. */
  entries<K extends readonly unknown[], V, R>(
    item: StorageItem<K, V, R>,
    ...leading: LeadingKeys<K>
  ): readonly (readonly [keys: K, value: V])[] {
    const prefix = item.prefix + keySuffix(item, leading);
    const found: (readonly [K, V])[] = [];
    for (const key of [...this.keys(prefix)].sort()) {
      const bytes = this.read(key);
      // The keys of an item decode to the types that it declares, which the checker cannot see.
      if (bytes !== null) found.push([decodeKeys(item, key) as unknown as K, decodeWith(item.value, bytes)]);
    }
    return found;
  }

  /** The encoded value at an encoded key, changes included; null while unset. */
  read(key: string): Uint8Array | null {
    const changed = this.changes.get(key);
    return changed === undefined ? this.base.read(key) : changed;
  }

  /** Every encoded key that is set and begins with the prefix, in no order. */
  *keys(prefix: string): IterableIterator<string> {
    for (const key of this.base.keys(prefix)) if (!this.changes.has(key)) yield key;
    for (const [key, value] of this.changes) if (value !== null && key.startsWith(prefix)) yield key;
  }

  /** Sets encoded storage as it is; `null` removes. */
  write(key: string, value: Uint8Array | null): void {
    this.changes.set(key, value);
  }

  /** A state on top of this one, whose changes reach this one only through {@link State.absorb}. */
  fork(): State {
    return new State(this);
  }

  /** Takes over the changes of a fork. */
  absorb(fork: State): void {
    for (const [key, value] of fork.changes) this.changes.set(key, value);
  }

  /** What was changed so far. */
  pending(): StateChanges {
    return this.changes;
  }
}

function decodeKeys(item: AnyStorageItem, key: string): readonly unknown[] {
  let rest = key.slice(item.prefix.length);
  return item.keys.map(({ hasher, codec }, index) => {
    rest = rest.slice(hashDigits[hasher]);
    if (index === item.keys.length - 1) return decodeWith(codec, fromHex(rest));
    // Keys before the last have a fixed size, which encoding the decoded value again gives.
    const value = decodeLeading(codec, rest);
    rest = rest.slice(encodeWith(codec, value).length * 2);
    return value;
  });
}

function decodeLeading(codec: AnyStorageItem["keys"][number]["codec"], hex: string): unknown {
  return codec.decode(new ByteSource(fromHex(hex)));
}
