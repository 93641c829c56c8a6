import { expect, it } from "@jest/globals";
import type { Store } from "../../ports/index.js";
import { aCheck, aPeriod, aPeriodReport, aProbe, aReport, aResult, aTiming } from "../store-samples.js";

/** What is dropped, and what is kept. Part of the store's contract. */
export function describeRetention(store: () => Store): void {
  it("drops what is older than the retention, and only that", async () => {
    for (const period of [1, 2, 3]) {
      await store().switchPeriod(aPeriod(period), [aProbe()]);
      await store().recordResults([aResult(`r${period}`, { period })], [aCheck(`r${period}`, { period })]);
      await store().recordSample({
        requestId: `s${period}`,
        period,
        hotkey: "alice",
        taskId: "chat-tiny",
        qualityFraction: 1,
        ...aTiming,
        reasons: [],
      });
      await store().saveEpoch({ period, createdAtMs: period, report: aReport(period) });
      await store().savePeriodReport(aPeriodReport(period));
    }
    expect(await store().deleteOldRows({ beforePeriod: 3 })).toBeGreaterThan(0);
    const series = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: true });
    expect(series[0]?.periods.map((tally) => tally.period)).toEqual([3]);
    expect(series[0]?.samples).toHaveLength(1);
    expect(await store().countPendingChecks()).toBe(1);
    expect(await store().getEpoch(2)).toBeNull();
    expect(await store().getEpoch(3)).not.toBeNull();
    expect(await store().getPeriodReport(2)).toBeNull();
    expect(await store().getPeriodReport(3)).not.toBeNull();
    expect(await store().deleteOldRows({ beforePeriod: 3 })).toBe(0);
  });
}
