import { describe, expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";

/** API keys. Part of the store's contract. */
export function describeApiKeys(store: () => Store): void {
  describe("API keys", () => {
    const limits = { requestsPerMinute: 60, tokensPerMinute: 5_000, concurrentRequests: 4 };
    const create = (id: string, changes: { readonly tokensPerMinute?: null } = {}) =>
      store().createApiKey({
        ...{ id, name: `key of ${id}`, prefix: `vis_${id}`, sha256Hex: `hash-${id}`, nowMs: 5 },
        ...limits,
        ...changes,
      });

    it("finds a key by its digest and lists all", async () => {
      await create("one");
      await create("two");
      expect(await store().findApiKey("hash-one")).toEqual({
        id: "one",
        name: "key of one",
        prefix: "vis_one",
        ...limits,
        createdAtMs: 5,
        lastUsedAtMs: null,
        revokedAtMs: null,
      });
      expect(await store().findApiKey("hash-three")).toBeNull();
      expect((await store().listApiKeys()).map((key) => key.id)).toEqual(["one", "two"]);
    });

    it("keeps that a key has no limit of tokens", async () => {
      await create("one", { tokensPerMinute: null });
      expect((await store().findApiKey("hash-one"))?.tokensPerMinute).toBeNull();
    });

    it("revokes once, by id or by prefix", async () => {
      await create("one");
      await create("two");
      expect(await store().revokeApiKey("one", 9)).toBe(true);
      expect(await store().revokeApiKey("one", 10)).toBe(false);
      expect(await store().revokeApiKey("vis_two", 11)).toBe(true);
      expect(await store().revokeApiKey("three", 12)).toBe(false);
      expect((await store().findApiKey("hash-one"))?.revokedAtMs).toBe(9);
    });

    it("adds up what keys use by day and task, twice in one batch too", async () => {
      const use = { keyId: "one", taskId: "chat-tiny", day: 20_000, requests: 2, errors: 1, promptTokens: 3.5, units: 40 };
      await store().addUsage([
        use,
        { ...use, errors: 0 },
        { ...use, day: 20_001 },
        { ...use, taskId: "image-tiny" },
        { ...use, keyId: "two" },
      ]);
      await store().addUsage([use]);
      await store().addUsage([]);
      const sorted = [...(await store().getUsage("one", 20_000))].sort((a, b) => a.day - b.day || (a.taskId < b.taskId ? -1 : 1));
      expect(sorted).toEqual([
        { ...use, requests: 6, errors: 2, promptTokens: 10.5, units: 120 },
        { ...use, taskId: "image-tiny" },
        { ...use, day: 20_001 },
      ]);
      expect(await store().getUsage("one", 20_001)).toEqual([{ ...use, day: 20_001 }]);
      expect(await store().getUsage("three", 0)).toEqual([]);
    });

    it("remembers the latest use", async () => {
      await create("one");
      await store().touchApiKeys(new Map([["one", 50]]));
      await store().touchApiKeys(new Map([["one", 40]]));
      await store().touchApiKeys(new Map());
      expect((await store().findApiKey("hash-one"))?.lastUsedAtMs).toBe(50);
    });
  });
}
