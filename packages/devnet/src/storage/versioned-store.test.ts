import { describe, expect, it } from "@jest/globals";
import { VersionedStore } from "./versioned-store.js";

const entry = "ab".repeat(32);
const key = (number: number) => entry + number.toString(16).padStart(8, "0");
const value = Uint8Array.of(1);
const HISTORY = 8;

describe("VersionedStore", () => {
  it("a chain grew by 10 MB an hour: keys that were removed are forgotten once no kept block has them", () => {
    const store = new VersionedStore(HISTORY);
    for (let block = 0; block < 1_000; block += 1) {
      // As the hashes of blocks: one comes, one goes.
      const changes = [[key(block), value] as const, ...(block >= 4 ? [[key(block - 4), null] as const] : [])];
      store.apply(block, new Map<string, Uint8Array | null>(changes));
      expect(store.size).toBeLessThanOrEqual(4 + HISTORY + 1);
    }
    expect([...store.newest()].map(([each]) => each)).toEqual([996, 997, 998, 999].map(key));
  });

  it("keeps a removed key for as long as a kept block still has it", () => {
    const store = new VersionedStore(HISTORY);
    store.apply(0, new Map([[key(0), value]]));
    store.apply(1, new Map([[key(0), null]]));
    for (let block = 2; block <= HISTORY; block += 1) store.apply(block, new Map());
    expect(store.at(0).read(key(0))).toEqual(value);
    expect(store.at(1).read(key(0))).toBeNull();
    store.apply(HISTORY + 1, new Map());
    expect(store.at(HISTORY + 1).read(key(0))).toBeNull();
    expect(store.size).toBe(0);
  });

  it("has a removed key again that was set anew, and after its removal was abandoned", () => {
    const store = new VersionedStore(HISTORY);
    store.apply(0, new Map([[key(0), value]]));
    store.apply(1, new Map([[key(0), null]]));
    store.apply(2, new Map([[key(0), value]]));
    store.apply(3, new Map([[key(1), value]]));
    store.apply(4, new Map([[key(1), null]]));
    store.rewind(3);
    for (let block = 4; block < 4 + 2 * HISTORY; block += 1) store.apply(block, new Map());
    expect([...store.newest()].map(([each]) => each)).toEqual([key(0), key(1)]);
  });
});
