import { describe, expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";
import { anId } from "../store-samples.js";

/** API keys. Part of the store's contract. */
export function describeApiKeys(store: () => Store): void {
  describe("API keys", () => {
    const limits = { requestsPerMinute: 60, tokensPerMinute: 5_000, concurrentRequests: 4 };
    const by = (nowMs: number) => ({ who: "the operator", nowMs });
    const create = (id: string, changes: { readonly tokensPerMinute?: null } = {}) =>
      store().createApiKey({
        ...{ id, name: `key of ${id}`, prefix: `vis_${id}`, sha256Hex: `hash-${id}`, ...by(5) },
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
        sharesRequests: false,
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

    it("changes the limits of a key that is not revoked", async () => {
      await create("one");
      const changed = { requestsPerMinute: 7, tokensPerMinute: null, concurrentRequests: 2 };
      expect(await store().changeApiKey("one", changed, by(6))).toBe(true);
      expect(await store().findApiKey("hash-one")).toMatchObject({ id: "one", name: "key of one", ...changed });
      await store().revokeApiKey("one", by(9));
      expect([await store().changeApiKey("one", limits, by(10)), await store().changeApiKey("two", limits, by(10))]).toEqual([
        false,
        false,
      ]);
      expect(await store().findApiKey("hash-one")).toMatchObject(changed);
    });

    it("revokes once, by id or by prefix", async () => {
      await create("one");
      await create("two");
      expect(await store().revokeApiKey("one", by(9))).toBe(true);
      expect(await store().revokeApiKey("one", by(10))).toBe(false);
      expect(await store().revokeApiKey("vis_two", by(11))).toBe(true);
      expect(await store().revokeApiKey("three", by(12))).toBe(false);
      expect((await store().findApiKey("hash-one"))?.revokedAtMs).toBe(9);
    });

    it("tells who did what with a key and when, newest first, and nothing of what was not done", async () => {
      await create("one");
      const changed = { requestsPerMinute: 7, tokensPerMinute: null, concurrentRequests: 2 };
      await store().changeApiKey("one", changed, { who: "somebody\0", nowMs: 6 });
      await store().revokeApiKey("vis_one", by(7));
      await store().revokeApiKey("vis_one", by(8));
      await store().changeApiKey("one", limits, by(9));
      const all = await store().getKeyChanges(10);
      expect(all).toMatchObject([
        { atMs: 7, who: "the operator", what: "revoked", keyId: "one", ...changed },
        { atMs: 6, what: "limitsChanged", keyId: "one", ...changed },
        { atMs: 5, who: "the operator", what: "created", keyId: "one", ...limits },
      ]);
      expect(all).toHaveLength(3);
      expect(await store().getKeyChanges(1)).toEqual(all.slice(0, 1));
    });

    it("adds what one process writes again only once, and what another writes besides", async () => {
      const use = { keyId: "one", taskId: "chat-tiny", day: 20_000, requests: 2, errors: 0, promptTokens: 1, units: 40 };
      const requests = async () => (await store().getUsage("one", 0)).map((each) => each.requests);
      await Promise.all([1, 1, 1].map((sequence) => store().addUsage([use], { writer: anId("a"), sequence })));
      await store().addUsage([use], { writer: anId("b"), sequence: 1 });
      expect(await requests()).toEqual([4]);
      await store().addUsage([use], { writer: anId("a"), sequence: 2 });
      await store().addUsage([use], { writer: anId("a"), sequence: 1 });
      expect(await requests()).toEqual([6]);
    });

    it("adds up what keys use by day and task, twice in one batch too", async () => {
      const write = (sequence: number) => ({ writer: anId("writer"), sequence });
      const use = { keyId: "one", taskId: "chat-tiny", day: 20_000, requests: 2, errors: 1, promptTokens: 3.5, units: 40 };
      await store().addUsage(
        [use, { ...use, errors: 0 }, { ...use, day: 20_001 }, { ...use, taskId: "image-tiny" }, { ...use, keyId: "two" }],
        write(1),
      );
      await store().addUsage([use], write(2));
      await store().addUsage([], write(3));
      const sorted = [...(await store().getUsage("one", 20_000))].sort((a, b) => a.day - b.day || (a.taskId < b.taskId ? -1 : 1));
      expect(sorted).toEqual([
        { ...use, requests: 6, errors: 2, promptTokens: 10.5, units: 120 },
        { ...use, taskId: "image-tiny" },
        { ...use, day: 20_001 },
      ]);
      expect(await store().getUsage("one", 20_001)).toEqual([{ ...use, day: 20_001 }]);
      expect(await store().getUsage("three", 0)).toEqual([]);
      const byKey = await store().getUsageByKey(20_000);
      expect([...byKey].sort((a, b) => (a.keyId < b.keyId ? -1 : 1))).toEqual([
        { keyId: "one", requests: 10, errors: 4, promptTokens: 17.5, units: 200 },
        { keyId: "two", requests: 2, errors: 1, promptTokens: 3.5, units: 40 },
      ]);
      expect(await store().getUsageByKey(20_002)).toEqual([]);
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
