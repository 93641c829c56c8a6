import { gunzipSync } from "node:zlib";
import { expect, it } from "@jest/globals";
import { periodRequestsSchema } from "@vision/protocol";
import { VISION } from "@vision/scoring";
import { summarisePeriod } from "../../domain/summarise-period.js";
import type { Store } from "../../ports/index.js";
import { KEPT_SCORING_INPUTS } from "../../ports/index.js";
import { anId, aPeriod, aPeriodReport, aReport, aResult, HOUR_MS } from "../store-samples.js";

/** Scores, what they came from, and public reports. Part of the store's contract. */
export function describeEpochs(store: () => Store): void {
  it("keeps epoch reports to the last bit, the latest on top", async () => {
    expect(await store().getLatestEpoch()).toBeNull();
    await store().saveEpoch({ period: 2, createdAtMs: 20, report: aReport(2) });
    await store().saveEpoch({ period: 1, createdAtMs: 10, report: aReport(7) });
    await store().saveEpoch({ period: 1, createdAtMs: 11, report: aReport(1) });
    expect(await store().getLatestEpoch()).toEqual({ period: 2, createdAtMs: 20, report: aReport(2) });
    expect(await store().getEpoch(1)).toEqual({ period: 1, createdAtMs: 11, report: aReport(1) });
    expect(await store().getEpoch(3)).toBeNull();
  });

  it("keeps public reports of periods, the latest on top", async () => {
    expect(await store().getLatestPeriodReport()).toBeNull();
    await store().savePeriodReport({ ...aPeriodReport(2), preset: "earlier" });
    await store().savePeriodReport(aPeriodReport(2));
    await store().savePeriodReport(aPeriodReport(1));
    expect(await store().getLatestPeriodReport()).toEqual(aPeriodReport(2));
    expect(await store().getPeriodReport(1)).toEqual(aPeriodReport(1));
    expect(await store().getPeriodReport(3)).toBeNull();
  });

  it("sums reported periods up", async () => {
    const [task] = aPeriodReport(1).miners[0]?.tasks ?? [];
    if (task === undefined) throw new Error("no task was reported");
    const report = {
      ...aPeriodReport(3),
      miners: [
        { hotkey: "alice", uid: 1, overallScore: 0.5, weight: 0.75, tasks: [task, { ...task, taskId: "image-tiny", organicCount: 4 }] },
        { hotkey: "bob", uid: null, overallScore: 0, weight: 0.25, tasks: [] },
      ],
    };
    for (const each of [aPeriodReport(1), { ...aPeriodReport(2), miners: [] }, report]) await store().savePeriodReport(each);
    expect(await store().listReportedPeriods(2)).toEqual([3, 2]);
    const summaries = await store().getPeriodSummaries([3, 2, 9]);
    expect([...summaries].sort((a, b) => a.period - b.period)).toEqual([
      summarisePeriod({ ...aPeriodReport(2), miners: [] }),
      summarisePeriod(report),
    ]);
    expect(summaries.find(({ period }) => period === 3)).toMatchObject({
      ...{ requests: 2 * task.requests, organicCount: task.organicCount + 4, okCount: 2 * task.okCount },
      weights: { alice: 0.75, bob: 0.25 },
    });
  });

  it("shows the requests of a reported period as dots: rounded, without whom they were sent to", async () => {
    const startsAtMs = HOUR_MS;
    await store().switchPeriod(aPeriod(1), []);
    await store().recordResults(
      [
        aResult(anId("a"), { startedAtMs: startsAtMs + 100, firstTokenMs: 100, hotkey: "alice" }),
        aResult(anId("b"), { startedAtMs: startsAtMs + 9_000, firstTokenMs: 102, hotkey: "bob" }),
        aResult(anId("c"), {
          startedAtMs: startsAtMs + 16_000,
          isOrganic: true,
          outcome: "rateLimited",
          blame: "miner",
          firstTokenMs: null,
        }),
        aResult(anId("d"), {
          startedAtMs: startsAtMs + 2 * HOUR_MS,
          outcome: "failed",
          blame: "nobody",
          firstTokenMs: null,
          durationMs: 0,
        }),
        aResult(anId("e"), { startedAtMs: startsAtMs - 5, outcome: "failed", blame: "miner", taskId: "image-tiny", durationMs: 4_000 }),
        aResult(anId("f"), { period: 2 }),
      ],
      [],
    );
    expect(await store().getPeriodRequests(1)).toBeNull();
    await store().savePeriodReport(aPeriodReport(1));
    const requests = await store().getPeriodRequests(1);
    expect(periodRequestsSchema.parse(requests)).toEqual(requests);
    expect(requests).toEqual({
      ...{ period: 1, startsAtMs, endsAtMs: 2 * HOUR_MS, requests: 5, omittedRequests: 0 },
      dots: [
        { atMs: startsAtMs + 7_500, latencyMs: 12.1, taskId: "image-tiny", kind: "synthetic", outcome: "failed", count: 1 },
        { atMs: startsAtMs + 7_500, latencyMs: 100, taskId: "chat-tiny", kind: "synthetic", outcome: "ok", count: 2 },
        { atMs: startsAtMs + 22_500, latencyMs: 261, taskId: "chat-tiny", kind: "organic", outcome: "rateLimited", count: 1 },
        { atMs: 2 * HOUR_MS - 7_500, latencyMs: 1, taskId: "chat-tiny", kind: "synthetic", outcome: "excused", count: 1 },
      ],
    });
    expect(JSON.stringify(requests)).not.toMatch(/alice|bob/);
  });

  it("keeps what scores were computed from, with the newest scores of a period and for a limited number of periods", async () => {
    const inputsOf = async (period: number | "latest") => {
      const packed = await store().getScoringInputs(period);
      return packed === null ? null : (JSON.parse(gunzipSync(packed).toString()) as unknown);
    };
    const inputs = (period: number) => ({
      params: VISION,
      observations: { period, periodsPerHour: 1, taskWeights: { "chat-tiny": 1 }, targets: {}, series: [] },
    });
    expect(await inputsOf("latest")).toBeNull();
    await store().saveEpoch({ period: 1, createdAtMs: 1, report: aReport(1) }, inputs(9));
    await store().saveEpoch({ period: 1, createdAtMs: 2, report: aReport(1) }, inputs(1));
    await store().saveEpoch({ period: 2, createdAtMs: 3, report: aReport(2) }, inputs(2));
    expect(await inputsOf(1)).toEqual(inputs(1));
    expect(await inputsOf("latest")).toEqual(inputs(2));
    await store().saveEpoch({ period: 2, createdAtMs: 4, report: aReport(2) });
    expect(await inputsOf(2)).toBeNull();
    // Told by what is there: a number that jumps costs nothing.
    const jumped = 1_000_000;
    await store().saveEpoch({ period: jumped, createdAtMs: 5, report: aReport(jumped) }, inputs(jumped));
    expect(await inputsOf(1)).toEqual(inputs(1));
    for (let period = jumped + 1; period < jumped + KEPT_SCORING_INPUTS; period += 1) {
      await store().saveEpoch({ period, createdAtMs: period, report: aReport(period) }, inputs(period));
    }
    expect(await inputsOf(1)).toBeNull();
    expect(await inputsOf(jumped)).toEqual(inputs(jumped));
    expect(await inputsOf("latest")).toEqual(inputs(jumped + KEPT_SCORING_INPUTS - 1));
  });
}
