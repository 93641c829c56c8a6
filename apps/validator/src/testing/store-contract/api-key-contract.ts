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
        ...{ monthlyUnits: null, paidUnits: null },
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

    const charge = (keyId: string, day: number, units: number, sequence: number) =>
      store().addUsage([{ keyId, taskId: "chat-tiny", day, requests: 1, errors: 0, promptTokens: 9, units }], {
        ...{ writer: anId("charging"), sequence },
      });
    const dayOf = (date: string) => Date.parse(date) / 86_400_000;
    const monthOf = (year: number, month: number) => (year - 1970) * 12 + month - 1;
    const november = monthOf(2026, 11);

    it("charges a key what it used, by calendar month, once for each write", async () => {
      await charge("one", dayOf("2026-11-30"), 40, 1);
      await charge("one", dayOf("2026-12-01"), 7, 2);
      await charge("one", dayOf("2026-11-01"), 2.5, 3);
      await charge("one", dayOf("2026-11-01"), 2.5, 3);
      await charge("one", dayOf("2024-02-29"), 1, 4);
      await charge("two", dayOf("2026-11-30"), Number.NaN, 5);
      const charged = async (month: number) => {
        const all = await store().getCharges(["one", "two", "three"], month);
        return [...all].sort((a, b) => (a.keyId < b.keyId ? -1 : 1));
      };
      expect(await charged(november)).toEqual([
        { keyId: "one", monthUnits: 42.5, totalUnits: 50.5 },
        { keyId: "two", monthUnits: 0, totalUnits: 0 },
      ]);
      expect((await charged(november + 1))[0]).toEqual({ keyId: "one", monthUnits: 7, totalUnits: 50.5 });
      expect((await charged(november + 2))[0]).toEqual({ keyId: "one", monthUnits: 0, totalUnits: 50.5 });
      expect((await charged(monthOf(2024, 2)))[0]).toMatchObject({ monthUnits: 1 });
      expect(await store().getCharges([], november)).toEqual([]);
    });

    it("sets a month's budget alone or with the limits, and takes it away", async () => {
      await create("one");
      expect(await store().changeApiKey("vis_one", { monthlyUnits: 1_000 }, by(6))).toBe(true);
      expect(await store().findApiKey("hash-one")).toMatchObject({ ...limits, monthlyUnits: 1_000 });
      await store().changeApiKey("one", { ...limits, tokensPerMinute: null }, by(7));
      expect(await store().findApiKey("hash-one")).toMatchObject({ tokensPerMinute: null, monthlyUnits: 1_000 });
      await store().changeApiKey("one", { monthlyUnits: 0 }, by(8));
      expect(await store().findApiKey("hash-one")).toMatchObject({ tokensPerMinute: null, monthlyUnits: 0 });
      await store().changeApiKey("one", { monthlyUnits: null }, by(9));
      expect(await store().findApiKey("hash-one")).toMatchObject({ monthlyUnits: null });
      expect((await store().getKeyChanges(10)).map(({ monthlyUnits }) => monthlyUnits)).toEqual([null, 0, 1_000, 1_000, null]);
    });

    it("adds credit to what a key has been charged by then, once for each reference, and not to a revoked one", async () => {
      const paid = async (id: string) => (await store().findApiKey(`hash-${id}`))?.paidUnits;
      await create("one");
      await store().createApiKey({
        ...{ id: "two", name: "two", prefix: "vis_two", sha256Hex: "hash-two", ...by(5), ...limits, monthlyUnits: 9, paidUnits: 70 },
      });
      await charge("one", dayOf("2026-11-30"), 40, 1);
      expect(await store().addCredit("one", { units: 100, reference: "invoice 1" }, by(6))).toBe("added");
      expect(await paid("one")).toBe(140);
      await charge("one", dayOf("2026-11-30"), 30, 2);
      expect(await store().addCredit("vis_one", { units: -20 }, by(7))).toBe("added");
      const again = [1, 2, 3].map(() => store().addCredit("two", { units: 5, reference: "invoice 2" }, by(8)));
      expect((await Promise.all(again)).sort()).toEqual(["added", "before", "before"]);
      expect([await store().addCredit("two", { units: 5, reference: "invoice 1" }, by(9)), await paid("two")]).toEqual(["before", 75]);
      expect([await paid("one"), await store().endCredit("two", by(10)), await paid("two")]).toEqual([120, true, null]);
      expect([await store().endCredit("two", by(11)), await store().addCredit("three", { units: 1, reference: "x" }, by(11))]).toEqual([
        ...[false, "noKey"],
      ]);
      await store().revokeApiKey("one", by(12));
      expect([await store().addCredit("one", { units: 5 }, by(13)), await store().endCredit("one", by(13)), await paid("one")]).toEqual([
        ...["noKey", false, 120],
      ]);
      expect((await store().getKeyChanges(10)).map(({ what, creditUnits, reference }) => ({ what, creditUnits, reference }))).toEqual([
        { what: "revoked", creditUnits: null, reference: null },
        { what: "creditEnded", creditUnits: null, reference: null },
        { what: "creditAdded", creditUnits: 5, reference: "invoice 2" },
        { what: "creditAdded", creditUnits: -20, reference: null },
        { what: "creditAdded", creditUnits: 100, reference: "invoice 1" },
        { what: "created", creditUnits: 70, reference: null },
        { what: "created", creditUnits: null, reference: null },
      ]);
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
