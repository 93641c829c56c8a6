import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";
import { aCheck, anAnswer, anId, aPeriod, aPeriodReport, aProbe, aResult } from "../store-samples.js";

/** Periods and the results that count in them. Part of the store's contract. */
export function describePeriods(store: () => Store): void {
  const claim = { limit: 10, nowMs: 1_000, leaseMs: 500 };

  const counts = async (hotkey = "alice", taskId = "chat-tiny") => {
    const period = await store().getOpenPeriod();
    return period?.probes.find((probe) => probe.hotkey === hotkey && probe.taskId === taskId);
  };

  describe("periods", () => {
    it("has none at first", async () => {
      expect(await store().getOpenPeriod()).toBeNull();
      expect(await store().getNewestPeriod()).toBeNull();
    });

    it("keeps the open period with its plan and empty counts", async () => {
      await store().switchPeriod(aPeriod(1), [aProbe(), aProbe({ hotkey: "bob", declaredCapacityPerHour: 0.5 })]);
      const open = await store().getOpenPeriod();
      expect(open).toMatchObject(aPeriod(1));
      expect(open?.probes).toHaveLength(2);
      expect(await counts("bob")).toEqual({
        ...aProbe({ hotkey: "bob", declaredCapacityPerHour: 0.5 }),
        attemptedUnits: 0,
        completedUnits: 0,
        rateLimitedUnits: 0,
        failedUnits: 0,
        requests: 0,
        okCount: 0,
        rateLimitedCount: 0,
        failedCount: 0,
        organicCount: 0,
      });
    });

    it("names what is closed and not reported, and what was recorded after its report", async () => {
      const due = async () => (await store().getPeriodsToReport(10)).map(({ period, probes }) => [period, probes[0]?.requests]);
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      expect(await due()).toEqual([]);
      await store().recordResults([aResult(anId("r1"))], []);
      await store().switchPeriod(aPeriod(2), [aProbe()]);
      await store().switchPeriod(aPeriod(3), [aProbe()]);
      expect(await due()).toEqual([
        [1, 1],
        [2, 0],
      ]);
      expect(await store().getPeriodsToReport(1)).toMatchObject([aPeriod(1)]);
      const [reported] = aPeriodReport(1).miners;
      const withRequests = (period: number, requests: number) => ({
        ...aPeriodReport(period),
        miners: reported === undefined ? [] : [{ ...reported, tasks: reported.tasks.map((task) => ({ ...task, requests })) }],
      });
      await store().savePeriodReport(withRequests(1, 1));
      await store().savePeriodReport(withRequests(2, 0));
      expect(await due()).toEqual([]);
      await store().recordResults([aResult(anId("late"))], []);
      expect(await due()).toEqual([[1, 2]]);
    });

    it("has one open period after a switch, also when the same switch is made twice", async () => {
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      await store().switchPeriod(aPeriod(4), []);
      await store().switchPeriod(aPeriod(4), [aProbe({ hotkey: "bob" })]);
      expect((await store().getOpenPeriod())?.period).toBe(4);
      expect((await store().getOpenPeriod())?.probes.map((probe) => probe.hotkey)).toEqual(["bob"]);
      expect(await store().getNewestPeriod()).toEqual(aPeriod(4));
    });
  });

  describe("results", () => {
    beforeEach(() => store().switchPeriod(aPeriod(1), [aProbe()]));

    it("grows the counts by outcome", async () => {
      await store().recordResults(
        [
          aResult(anId("r1")),
          aResult(anId("r2"), { isOrganic: true }),
          aResult(anId("r3"), { outcome: "rateLimited", blame: "miner", completedUnits: 0, attemptedUnits: 7, reason: "rate limited" }),
          aResult(anId("r4"), { outcome: "failed", blame: "miner", completedUnits: 3, attemptedUnits: 11, reason: "timeout" }),
        ],
        [],
      );
      await store().recordResults([aResult(anId("r5"), { attemptedUnits: 2, completedUnits: 1 })], []);
      expect(await counts()).toMatchObject({
        attemptedUnits: 120,
        completedUnits: 81,
        rateLimitedUnits: 7,
        failedUnits: 11,
        requests: 5,
        okCount: 3,
        rateLimitedCount: 1,
        failedCount: 1,
        organicCount: 1,
      });
    });

    it("counts a result once, however often it is recorded", async () => {
      await store().recordResults([aResult(anId("r1")), aResult(anId("r1"))], [aCheck(anId("r1"))]);
      await store().recordResults([aResult(anId("r1")), aResult(anId("r2"))], [aCheck(anId("r1")), aCheck(anId("r2"))]);
      expect(await counts()).toMatchObject({ requests: 2, attemptedUnits: 100 });
      expect(await store().countPendingChecks()).toBe(2);
    });

    it("does not queue an answer again that was judged already", async () => {
      await store().recordResults([aResult(anId("r1"))], [aCheck(anId("r1"))]);
      await store().releaseChecks([{ requestId: anId("r1"), attempts: 0 }], "drop");
      await store().recordResults([aResult(anId("r1"))], [aCheck(anId("r1"))]);
      expect(await store().countPendingChecks()).toBe(0);
    });

    it("leaves out of the counts what is not the miner's fault", async () => {
      await store().recordResults(
        [aResult(anId("r1"), { outcome: "failed", blame: "nobody" }), aResult(anId("r2"), { outcome: "failed", blame: "validator" })],
        [],
      );
      expect(await counts()).toMatchObject({ requests: 0, attemptedUnits: 0 });
    });

    it("counts a late result in the period in which it was started", async () => {
      await store().switchPeriod(aPeriod(2), [aProbe()]);
      await store().recordResults([aResult(anId("r1"), { period: 1 })], []);
      expect(await counts()).toMatchObject({ requests: 0 });
      const series = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: false });
      expect(series[0]?.periods).toMatchObject([{ period: 1, requests: 1 }]);
    });

    it("counts an organic request to a miner that is not in the plan", async () => {
      await store().recordResults([aResult(anId("r1"), { hotkey: "carol", isOrganic: true })], []);
      expect(await counts("carol")).toMatchObject({ requests: 1, organicCount: 1, plannedRequests: 0, declaredCapacityPerHour: 0 });
    });

    it("survives what miners send: NUL, lone surrogates, NaN, an endless reason", async () => {
      const text = "nul \u0000 and half a pair \ud800 and \\u0000 as text";
      await store().recordResults(
        [
          aResult(anId("r1"), { outcome: "failed", blame: "miner", reason: `bad \u0000 byte ${"x".repeat(100_000)}` }),
          aResult(anId("r2"), { attemptedUnits: Number.NaN, completedUnits: Number.POSITIVE_INFINITY }),
          aResult(anId("r3"), { hotkey: "bob" }),
        ],
        [aCheck(anId("r2"), { answer: anAnswer(text), request: { text } }), aCheck(anId("r3"), { hotkey: "bob" })],
      );
      expect(await counts()).toMatchObject({ requests: 2, attemptedUnits: 50, completedUnits: 0 });
      expect(await counts("bob")).toMatchObject({ requests: 1 });
      const claimed = await store().claimChecks(claim);
      expect(claimed.find((check) => check.requestId === anId("r2"))).toMatchObject({ answer: anAnswer(text), request: { text } });
    });

    it("records nothing for nothing", async () => {
      await store().recordResults([], []);
      expect(await counts()).toMatchObject({ requests: 0 });
    });

    it("counts correctly when batches for the same miners run at the same time", async () => {
      const batches = Array.from({ length: 8 }, (_, batch) =>
        Array.from({ length: 20 }, (_, index) =>
          aResult(anId(`b${batch}-${index}`), { hotkey: (index + batch) % 2 === 0 ? "alice" : "bob" }),
        ),
      );
      await Promise.all(batches.map((batch) => store().recordResults(batch, [])));
      expect(await counts("alice")).toMatchObject({ requests: 80, attemptedUnits: 4_000 });
      expect(await counts("bob")).toMatchObject({ requests: 80 });
    });
  });
}
