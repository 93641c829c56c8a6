import { describe, expect, it } from "@jest/globals";
import type { SharedRequestRecord } from "../../domain/records/index.js";
import type { Store } from "../../ports/index.js";

/** Requests of keys that share them. Part of the store's contract. */
export function describeSharedRequests(store: () => Store): void {
  describe("shared requests", () => {
    const limits = { requestsPerMinute: 60, tokensPerMinute: null, concurrentRequests: 4 };
    const by = { who: "the operator", nowMs: 1 };
    const create = (id: string, sharesRequests: boolean) =>
      store().createApiKey({ id, name: id, prefix: `vis_${id}`, sha256Hex: `hash-${id}`, sharesRequests, ...limits, ...by });
    const record = (keyId: string, text: string, changes: Partial<SharedRequestRecord> = {}): SharedRequestRecord => ({
      ...{ taskId: "chat-tiny", keyId, hotkeys: [], atMs: 100, request: { messages: [{ role: "user", content: text }] } },
      ...changes,
    });
    const all = { sinceMs: 0, maxBytesPerTask: 1e6 };

    it("keeps them in their order, of keys that share and no others", async () => {
      await create("open", true);
      await create("closed", false);
      const records = [
        record("open", "one \u{1F600}", { hotkeys: ["5Abc", "5Def"] }),
        record("closed", "two"),
        record("open", "three"),
        record("none", "four"),
      ];
      await store().addSharedRequests(records);
      await store().addSharedRequests([]);
      expect(await store().takeStockOfSharedRequests(all)).toEqual([records[0], records[2]]);
      const shares = (await store().listApiKeys()).map(({ id, sharesRequests }) => [id, sharesRequests] as const);
      expect(shares.sort(([one], [other]) => (one < other ? -1 : 1))).toEqual([
        ["closed", false],
        ["open", true],
      ]);
    });

    it("deletes what a key shared when it no longer does, and when it ends", async () => {
      await create("one", true);
      await create("two", true);
      await store().addSharedRequests([record("one", "a"), record("two", "b")]);
      expect(await store().setSharing("vis_one", false, { ...by, nowMs: 2 })).toBe(true);
      expect(await store().setSharing("one", false, by)).toBe(false);
      expect(await store().takeStockOfSharedRequests(all)).toEqual([record("two", "b")]);
      // What was under way when it ended.
      await store().addSharedRequests([record("one", "late")]);
      await store().revokeApiKey("two", { ...by, nowMs: 3 });
      await store().addSharedRequests([record("two", "late")]);
      expect(await store().takeStockOfSharedRequests(all)).toEqual([]);
      expect(await store().setSharing("one", true, { ...by, nowMs: 4 })).toBe(true);
      expect(await store().setSharing("two", true, by)).toBe(false);
      expect((await store().getKeyChanges(3)).map(({ what, keyId, atMs }) => [what, keyId, atMs])).toEqual([
        ["sharingBegun", "one", 4],
        ["revoked", "two", 3],
        ["sharingEnded", "one", 2],
      ]);
    });

    it("deletes what is old, and of each task the oldest beyond a size", async () => {
      await create("one", true);
      const bytes = Buffer.byteLength(JSON.stringify(record("one", "x").request));
      const other = record("one", "o", { taskId: "completion-tiny" });
      await store().addSharedRequests([record("one", "a", { atMs: 5 }), other, record("one", "b"), record("one", "c"), record("one", "d")]);
      expect(await store().takeStockOfSharedRequests({ sinceMs: 6, maxBytesPerTask: 2 * bytes })).toEqual([
        other,
        record("one", "c"),
        record("one", "d"),
      ]);
      expect(await store().takeStockOfSharedRequests(all)).toHaveLength(3);
    });
  });
}
