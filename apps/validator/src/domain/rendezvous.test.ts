import { describe, expect, it } from "@jest/globals";
import { selectOwner } from "./rendezvous.js";

const names = ["alice", "bob", "carol", "dave", "eve"];
const keys = Array.from({ length: 5_000 }, (_, index) => `conversation ${index}`);
const ownerOf = (key: string, among: readonly string[]) => among[selectOwner(key, among)];

describe("selectOwner", () => {
  it("gives every name about its share of the keys", () => {
    const counts = new Map<string | undefined, number>();
    for (const key of keys) counts.set(ownerOf(key, names), (counts.get(ownerOf(key, names)) ?? 0) + 1);
    for (const name of names) expect({ name, isFair: Math.abs((counts.get(name) ?? 0) - 1_000) < 150 }).toEqual({ name, isFair: true });
  });

  it("does not depend on the order of the names", () => {
    for (const key of keys.slice(0, 200)) expect(ownerOf(key, [...names].reverse())).toBe(ownerOf(key, names));
  });

  it("moves only the keys of a name that goes", () => {
    const left = names.filter((name) => name !== "carol");
    for (const key of keys) if (ownerOf(key, names) !== "carol") expect(ownerOf(key, left)).toBe(ownerOf(key, names));
  });
});
