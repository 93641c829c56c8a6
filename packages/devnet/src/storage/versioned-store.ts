/** Encoded storage at one point: what {@link State} reads from. Keys are bare hex. */
export type StateReader = {
  /** The encoded value, `null` when unset. */
  read(key: string): Uint8Array | null;
  /** Keys with a prefix, at least 64 hex digits (pallet and entry), in no particular order. */
  keys(prefix: string): Iterable<string>;
};

/** Changes of storage: new values by key, `null` to remove. */
export type StateChanges = ReadonlyMap<string, Uint8Array | null>;

type Version = { readonly block: number; readonly value: Uint8Array | null };

const entryDigits = 64;

/** Storage of every block that is still kept: for each key the blocks that changed it. */
export class VersionedStore {
  private readonly entries = new Map<string, Map<string, Version[]>>();
  /** Keys that were removed, in the order of blocks. */
  private readonly removals: { readonly block: number; readonly key: string }[] = [];
  private head = -1;

  /** @param historyBlocks - Blocks behind the head that can still be read. */
  constructor(private readonly historyBlocks: number) {}

  /** Records what a block changed. Blocks come in order. */
  apply(block: number, changes: StateChanges): void {
    const horizon = block - this.historyBlocks;
    for (const [key, value] of changes) {
      const versions = this.versionsOf(key);
      const last = versions.at(-1);
      if (last?.block === block) versions.pop();
      versions.push({ block, value });
      while (versions.length > 1 && (versions[1]?.block ?? block) <= horizon) versions.shift();
      if (value === null) this.removals.push({ block, key });
    }
    this.forgetRemoved(horizon);
    this.head = Math.max(this.head, block);
  }

  /** Drops keys that were unset before anybody can look: a chain removes the hash of an old block with every new one. */
  private forgetRemoved(horizon: number): void {
    const kept = this.removals.findIndex(({ block }) => block > horizon);
    for (const { key } of this.removals.splice(0, kept === -1 ? this.removals.length : kept)) {
      const keys = this.entries.get(key.slice(0, entryDigits));
      const last = keys?.get(key)?.at(-1);
      if (keys === undefined || last === undefined || last.value !== null || last.block > horizon) continue;
      keys.delete(key);
      if (keys.size === 0) this.entries.delete(key.slice(0, entryDigits));
    }
  }

  /** Forgets every block after `block`. */
  rewind(block: number): void {
    while ((this.removals.at(-1)?.block ?? -1) > block) this.removals.pop();
    for (const [entry, keys] of this.entries) {
      for (const [key, versions] of keys) {
        while ((versions.at(-1)?.block ?? -1) > block) versions.pop();
        if (versions.length === 0) keys.delete(key);
      }
      if (keys.size === 0) this.entries.delete(entry);
    }
    this.head = block;
  }

  /** Storage as it was after a block. */
  at(block: number): StateReader {
    return {
      read: (key) => valueAt(this.entries.get(key.slice(0, entryDigits))?.get(key), block),
      keys: (prefix) => this.keysAt(prefix, block),
    };
  }

  /** Keys that are remembered, unset ones among them. */
  get size(): number {
    let size = 0;
    for (const keys of this.entries.values()) size += keys.size;
    return size;
  }

  /** Every key and value after the newest block. */
  *newest(): IterableIterator<readonly [key: string, value: Uint8Array]> {
    for (const keys of this.entries.values()) {
      for (const [key, versions] of keys) {
        const value = versions.at(-1)?.value;
        if (value !== null && value !== undefined) yield [key, value];
      }
    }
  }

  private *keysAt(prefix: string, block: number): IterableIterator<string> {
    if (prefix.length < entryDigits) {
      for (const [entry, keys] of this.entries) {
        if (!entry.startsWith(prefix)) continue;
        for (const [key, versions] of keys) if (valueAt(versions, block) !== null) yield key;
      }
      return;
    }
    for (const [key, versions] of this.entries.get(prefix.slice(0, entryDigits)) ?? []) {
      if (key.startsWith(prefix) && valueAt(versions, block) !== null) yield key;
    }
  }

  private versionsOf(key: string): Version[] {
    const entry = key.slice(0, entryDigits);
    const keys = this.entries.get(entry) ?? new Map<string, Version[]>();
    this.entries.set(entry, keys);
    const versions = keys.get(key) ?? [];
    keys.set(key, versions);
    return versions;
  }
}

function valueAt(versions: readonly Version[] | undefined, block: number): Uint8Array | null {
  if (versions === undefined) return null;
  for (let index = versions.length - 1; index >= 0; index -= 1) {
    const version = versions[index];
    if (version !== undefined && version.block <= block) return version.value;
  }
  return null;
}
