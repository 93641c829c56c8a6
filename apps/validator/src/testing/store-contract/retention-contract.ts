import { expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";
import { aCheck, anId, aPeriod, aPeriodReport, aProbe, aReport, aResult, aTiming } from "../store-samples.js";

/** What is dropped, and what is kept. Part of the store's contract. */
export function describeRetention(store: () => Store): void {
  it("drops the oldest period beyond the retention, and only that one", async () => {
    for (const period of [1, 2, 3]) {
      await store().switchPeriod(aPeriod(period), [aProbe()]);
      await store().recordResults([aResult(anId(`r${period}`), { period })], [aCheck(anId(`r${period}`), { period })]);
      await store().recordSample({
        requestId: anId(`s${period}`),
        period,
        hotkey: "alice",
        taskId: "chat-tiny",
        qualityFraction: 1,
        ...aTiming,
        reasons: [],
        receipt: null,
        isOrganic: false,
        evidence: null,
      });
      await store().saveEpoch({ period, createdAtMs: period, report: aReport(period) });
      await store().savePeriodReport(aPeriodReport(period));
    }
    expect(await store().deleteOldestPeriod({ keptPeriods: 2 })).toBe(0);
    expect(await store().deleteOldestPeriod({ keptPeriods: 0 })).toBeGreaterThan(0);
    expect(await store().getEpoch(1)).toBeNull();
    expect(await store().getEpoch(2)).not.toBeNull();
    expect(await store().deleteOldestPeriod({ keptPeriods: 0 })).toBeGreaterThan(0);
    const series = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: true });
    expect(series[0]?.periods.map((tally) => tally.period)).toEqual([3]);
    expect(series[0]?.samples).toHaveLength(1);
    expect(await store().countPendingChecks()).toBe(1);
    expect(await store().getEpoch(2)).toBeNull();
    expect(await store().getEpoch(3)).not.toBeNull();
    expect(await store().getPeriodReport(2)).toBeNull();
    expect(await store().getPeriodReport(3)).not.toBeNull();
    expect(await store().deleteOldestPeriod({ keptPeriods: 0 })).toBe(0);
  });

  it("deleted the whole record when a clock was ahead of the retention: numbers that jump age nothing", async () => {
    for (const period of [1, 2, 193]) {
      await store().switchPeriod(aPeriod(period), [aProbe()]);
      await store().recordResults([aResult(anId(`r${period}`), { period })], []);
    }
    for (let call = 0; call < 3; call += 1) expect(await store().deleteOldestPeriod({ keptPeriods: 2 })).toBe(0);
    const series = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: true });
    expect(series[0]?.periods.map((tally) => tally.period)).toEqual([1, 2, 193]);
  });
}
