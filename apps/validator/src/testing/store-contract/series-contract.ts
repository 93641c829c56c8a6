import { describe, expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";
import { aCheck, anId, aPeriod, aProbe, aResult, aTiming, HOUR_MS } from "../store-samples.js";

/** Series for scoring. Part of the store's contract. */
export function describeSeries(store: () => Store): void {
  describe("series", () => {
    const sample = (requestId: string, period: number, qualityFraction: number) =>
      store().recordSample({
        requestId: anId(requestId),
        period,
        hotkey: "alice",
        taskId: "chat-tiny",
        qualityFraction,
        ...aTiming,
        reasons: [],
        receipt: null,
        isOrganic: false,
        evidence: null,
      });

    it("holds closed periods, the open one when asked, and the capacity of the newest plan", async () => {
      const halfHour = { ...aPeriod(1), endsAtMs: aPeriod(1).startsAtMs + HOUR_MS / 2 };
      await store().switchPeriod(halfHour, [aProbe({ declaredCapacityPerHour: 100 }), aProbe({ hotkey: "gone" })]);
      await store().recordResults([aResult(anId("r1"))], []);
      await store().switchPeriod(aPeriod(2), [aProbe({ declaredCapacityPerHour: 300 })]);
      await store().recordResults([aResult(anId("r2"), { period: 2, outcome: "rateLimited", blame: "miner", completedUnits: 0 })], []);

      const closed = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: false });
      expect(closed.map((series) => [series.hotkey, series.declaredCapacityPerHour])).toEqual([
        ["alice", 300],
        ["gone", 0],
      ]);
      expect(closed[0]?.periods).toEqual([
        {
          period: 1,
          declaredCapacityUnits: 50,
          plannedUnits: 250,
          attemptedUnits: 50,
          completedUnits: 40,
          rateLimitedUnits: 0,
          failedUnits: 0,
          requests: 1,
          okCount: 1,
          rateLimitedCount: 0,
          failedCount: 0,
          checkedCount: 0,
          passedCount: 0,
        },
      ]);
      const all = await store().getSeries({ fromPeriod: 2, samplesPerSeries: 10, isOpenPeriodIncluded: true });
      expect(all.map((series) => series.hotkey)).toEqual(["alice"]);
      expect(all[0]?.periods).toMatchObject([{ period: 2, declaredCapacityUnits: 300, rateLimitedUnits: 50, rateLimitedCount: 1 }]);
    });

    it("says how long a period was whose length was not the usual one", async () => {
      const halfHour = { ...aPeriod(1), endsAtMs: aPeriod(1).startsAtMs + HOUR_MS / 2 };
      const late = { ...aPeriod(2), startsAtMs: aPeriod(2).startsAtMs + 9_000 };
      for (const period of [halfHour, late, aPeriod(3)]) await store().switchPeriod(period, [aProbe()]);
      const options = { fromPeriod: 0, samplesPerSeries: 0, isOpenPeriodIncluded: true, usualPeriodMs: HOUR_MS };
      const [series] = await store().getSeries(options);
      expect(series?.periods.map(({ hours }) => hours)).toEqual([0.5, undefined, undefined]);
    });

    it("says of each period how many of its answers still wait to be checked, also those that are being checked", async () => {
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      const ids = ["w1", "w2", "w3", "w4"];
      await store().recordResults(
        ids.map((id) => aResult(anId(id))),
        ids.map((id) => aCheck(anId(id))),
      );
      const counts = async () => {
        const [series] = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 0, isOpenPeriodIncluded: true });
        return series?.periods.map(({ checkedCount, waitingCount }) => [checkedCount, waitingCount]);
      };
      expect(await counts()).toEqual([[0, 4]]);
      const claimed = await store().claimChecks({ limit: 2, nowMs: 1_000, leaseMs: 500 });
      expect(await counts()).toEqual([[0, 4]]);
      await sample("w1", 1, 1);
      await store().releaseChecks(
        claimed.filter(({ requestId }) => requestId === anId("w2")),
        "drop",
      );
      expect(await counts()).toEqual([[1, 2]]);
      for (const id of ["w3", "w4"]) await sample(id, 1, 1);
      expect(await counts()).toEqual([[3, undefined]]);
    });

    it("keeps the newest samples when there are more than asked for", async () => {
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      for (const [index, id] of ["s1", "s2", "s3", "s4"].entries()) await sample(id, 1, index / 10);
      const [series] = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 2, isOpenPeriodIncluded: true });
      expect(series?.samples.map((each) => each.qualityFraction).sort()).toEqual([0.2, 0.3]);
      const [none] = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 0, isOpenPeriodIncluded: true });
      expect(none?.samples).toEqual([]);
      // What was checked of a period is counted whole, however few samples are asked for.
      expect(none?.periods[0]?.checkedCount).toBe(4);
      expect(none?.periods[0]?.passedCount).toBeCloseTo(0.6, 6);
    });
  });
}
