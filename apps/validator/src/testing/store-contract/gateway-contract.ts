import { describe, expect, it } from "@jest/globals";
import type { SpooledResult, Store } from "../../ports/index.js";
import { aCheck, anId, aPeriod, aProbe, aResult } from "../store-samples.js";

/** What goes between the core and gateways in processes of their own. Part of the store's contract. */
export function describeGateways(store: () => Store): void {
  describe("gateways in processes of their own", () => {
    const anEntry = (name: string, check: SpooledResult["check"] = null): SpooledResult => ({
      result: aResult(anId(name), { isOrganic: true }),
      check,
    });
    const waiting = async (except: readonly string[] = []) =>
      (await store().getHandedOver({ limit: 10, except: except.map(anId) })).map(({ requestId }) => requestId);
    const tallied = async () => (await store().getOpenPeriod())?.probes.map(({ requests, organicCount }) => [requests, organicCount]);

    it("are told nothing at first, and then what is newer than what they know", async () => {
      expect(await store().hearCore(0)).toEqual({ ageMs: null, parts: new Map() });
      await store().tellGateways({ routing: "[1]", live: '"\\u0000"' });
      const first = await store().hearCore(0);
      expect(first.ageMs).toBeGreaterThanOrEqual(0);
      expect([...first.parts].map(([part, { body }]) => [part, body]).sort()).toEqual([
        ["live", '"\\u0000"'],
        ["routing", "[1]"],
      ]);
      const versions = () => [...first.parts.values()].map(({ version }) => version);
      const known = Math.max(...versions());
      await store().tellGateways({ routing: "[1]", live: "2" });
      const next = await store().hearCore(known);
      expect([...next.parts].map(([part, { body }]) => [part, body])).toEqual([["live", "2"]]);
      expect(next.parts.get("live")?.version).toBeGreaterThan(known);
    });

    it("hand results over, which wait in order until they are recorded, and count once however often they come", async () => {
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      const one = anEntry("one", aCheck(anId("one"), { isOrganic: true }));
      await store().handOver([one, anEntry("two")]);
      await store().handOver([anEntry("two"), anEntry("three")]);
      expect(await waiting()).toEqual(["one", "two", "three"].map(anId));
      expect(await waiting(["one"])).toEqual(["two", "three"].map(anId));
      expect(await store().getHandedOver({ limit: 1, except: [] })).toEqual([{ requestId: anId("one"), entry: one }]);
      expect(await tallied()).toEqual([[0, 0]]);

      await store().recordResults([one.result], one.check === null ? [] : [one.check]);
      expect(await waiting()).toEqual(["two", "three"].map(anId));
      expect(await store().findHandedOver(["one", "two"].map(anId))).toEqual([anId("two")]);
      // Its acknowledgement was lost: it comes again, and counts no second time.
      await store().handOver([one]);
      await store().recordResults([one.result, anEntry("two").result], []);
      expect(await tallied()).toEqual([[2, 2]]);
      expect(await store().countPendingChecks()).toBe(1);
      await store().dropHandedOver([anId("three")]);
      expect(await waiting()).toEqual([]);
    });

    it("keep what a result says for routing and for whose failure it is", async () => {
      const failure = { stage: "status", status: 503 } as const;
      const result = aResult(anId("full"), { outcome: "failed", blame: "miner", failure, retryAfterMs: 250, silentMs: 20 });
      await store().handOver([{ result, check: null }]);
      expect((await store().getHandedOver({ limit: 1, except: [] }))[0]?.entry?.result).toEqual(result);
    });

    it("hand over a result whatever its answer is made of", async () => {
      const bad = aCheck(anId("bad"), { request: { model: "chat-tiny", text: "\ud800" } });
      await store().handOver([anEntry("good"), anEntry("bad", bad), anEntry("better")]);
      expect((await waiting()).toSorted()).toEqual(["good", "bad", "better"].map(anId).toSorted());
    });
  });
}
