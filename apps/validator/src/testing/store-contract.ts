import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Answer } from "@vision/protocol";
import { type EpochReport, VISION } from "@vision/scoring";
import type { PeriodReport } from "../domain/period-report.js";
import type { CheckRecord, PeriodRecord, PlannedProbe, ResultRecord, Store } from "../ports/index.js";
import { KEPT_SCORING_INPUTS } from "../ports/index.js";

const HOUR_MS = 3_600_000;

/** A period of an hour, numbered. */
export function aPeriod(period: number): PeriodRecord {
  return { period, startsAtMs: period * HOUR_MS, endsAtMs: (period + 1) * HOUR_MS, seed: `${period}`.padStart(64, "0") };
}

/** A plan row with some values changed. */
export function aProbe(changes: Partial<PlannedProbe> = {}): PlannedProbe {
  return {
    hotkey: "alice",
    taskId: "chat-tiny",
    declaredCapacityPerHour: 1_000,
    triedFraction: 0.25,
    plannedUnits: 250,
    plannedRequests: 5,
    ...changes,
  };
}

/** A result with some values changed: alice answered 40 of 50 tokens in period 1. */
export function aResult(requestId: string, changes: Partial<ResultRecord> = {}): ResultRecord {
  return {
    requestId,
    period: 1,
    hotkey: "alice",
    taskId: "chat-tiny",
    isOrganic: false,
    outcome: "ok",
    blame: "nobody",
    reason: null,
    attemptedUnits: 50,
    completedUnits: 40,
    startedAtMs: 1_763_000_000_123,
    firstTokenMs: 12.5,
    durationMs: 250.25,
    ...changes,
  };
}

/** A text answer. */
export function anAnswer(text = "hello"): Answer {
  return { kind: "text", text, tokens: [{ bytes: [104, 105], text, logprob: -0.25 }], finishReason: "stop" };
}

/** A check that belongs to {@link aResult}. */
export function aCheck(requestId: string, changes: Partial<CheckRecord> = {}): CheckRecord {
  return {
    requestId,
    period: 1,
    hotkey: "alice",
    taskId: "chat-tiny",
    request: { model: "chat-tiny", seed: 5 },
    answer: anAnswer(),
    speedFactor: 1.25,
    ...changes,
  };
}

function aReport(period: number): EpochReport {
  return {
    period,
    periodsPerHour: 1,
    preset: "VISION",
    tasks: [],
    miners: [],
    problems: [{ message: `of ${period}, 0.1 + 0.2 = ${0.1 + 0.2}` }],
  };
}

/** A public report with one miner. */
export function aPeriodReport(period: number): PeriodReport {
  return {
    ...aPeriod(period),
    plan: {
      periodMs: HOUR_MS,
      shareBands: [{ probability: 1, from: 0.1, to: 0.3 }],
      shareFloor: [],
      minRequestsPerPeriod: 1,
      maxRequestsPerPeriod: 10,
    },
    netuid: 1,
    validatorHotkey: "validator",
    preset: "VISION",
    tasks: [{ taskId: "chat-tiny", weight: 1, isServed: true }],
    miners: [
      {
        hotkey: "alice",
        uid: 1,
        overallScore: 0.1 + 0.2,
        weight: 1,
        tasks: [
          {
            taskId: "chat-tiny",
            declaredCapacityPerHour: 1_000,
            creditedCapacityPerHour: 900,
            triedFraction: 0.25,
            plannedUnits: 250,
            plannedRequests: 5,
            attemptedUnits: 250,
            completedUnits: 200,
            requests: 5,
            okCount: 4,
            rateLimitedCount: 1,
            failedCount: 0,
            organicCount: 2,
            periodScore: null,
            averagePeriodScore: 0.9,
            quality: 1.05,
            meanVerdict: 1,
            meanSpeedFactor: 1.1,
            sampleCount: 3,
            taskScore: 1,
          },
        ],
      },
    ],
    weightSet: { netuid: 1, epochBlock: 360, state: "set", includedAtBlock: 350, weights: [{ uid: 1, weightU16: 65_535 }] },
  };
}

const claim = { limit: 10, nowMs: 1_000, leaseMs: 500 };

/**
 * What every {@link Store} does. `open` gives a fresh, empty store for each test; the caller closes it.
 */
export function describeStoreContract(name: string, open: () => Promise<Store>): void {
  describe(`Store contract: ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });

    const counts = async (hotkey = "alice", taskId = "chat-tiny") => {
      const period = await store.getOpenPeriod();
      return period?.probes.find((probe) => probe.hotkey === hotkey && probe.taskId === taskId);
    };

    describe("periods", () => {
      it("has none at first", async () => {
        expect(await store.getOpenPeriod()).toBeNull();
        expect(await store.getNewestPeriod()).toBeNull();
      });

      it("keeps the open period with its plan and empty counts", async () => {
        await store.switchPeriod(aPeriod(1), [aProbe(), aProbe({ hotkey: "bob", declaredCapacityPerHour: 0.5 })]);
        const open = await store.getOpenPeriod();
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

      it("has one open period after a switch, also when the same switch is made twice", async () => {
        await store.switchPeriod(aPeriod(1), [aProbe()]);
        await store.switchPeriod(aPeriod(4), []);
        await store.switchPeriod(aPeriod(4), [aProbe({ hotkey: "bob" })]);
        expect((await store.getOpenPeriod())?.period).toBe(4);
        expect((await store.getOpenPeriod())?.probes.map((probe) => probe.hotkey)).toEqual(["bob"]);
        expect(await store.getNewestPeriod()).toEqual(aPeriod(4));
      });
    });

    describe("results", () => {
      beforeEach(() => store.switchPeriod(aPeriod(1), [aProbe()]));

      it("grows the counts by outcome", async () => {
        await store.recordResults(
          [
            aResult("r1"),
            aResult("r2", { isOrganic: true }),
            aResult("r3", { outcome: "rateLimited", blame: "miner", completedUnits: 0, attemptedUnits: 7, reason: "rate limited" }),
            aResult("r4", { outcome: "failed", blame: "miner", completedUnits: 3, attemptedUnits: 11, reason: "timeout" }),
          ],
          [],
        );
        await store.recordResults([aResult("r5", { attemptedUnits: 2, completedUnits: 1 })], []);
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
        await store.recordResults([aResult("r1"), aResult("r1")], [aCheck("r1")]);
        await store.recordResults([aResult("r1"), aResult("r2")], [aCheck("r1"), aCheck("r2")]);
        expect(await counts()).toMatchObject({ requests: 2, attemptedUnits: 100 });
        expect(await store.countPendingChecks()).toBe(2);
      });

      it("does not queue an answer again that was judged already", async () => {
        await store.recordResults([aResult("r1")], [aCheck("r1")]);
        await store.releaseCheck("r1", "drop");
        await store.recordResults([aResult("r1")], [aCheck("r1")]);
        expect(await store.countPendingChecks()).toBe(0);
      });

      it("leaves out of the counts what is not the miner's fault", async () => {
        await store.recordResults(
          [aResult("r1", { outcome: "failed", blame: "nobody" }), aResult("r2", { outcome: "failed", blame: "validator" })],
          [],
        );
        expect(await counts()).toMatchObject({ requests: 0, attemptedUnits: 0 });
      });

      it("counts a late result in the period in which it was started", async () => {
        await store.switchPeriod(aPeriod(2), [aProbe()]);
        await store.recordResults([aResult("r1", { period: 1 })], []);
        expect(await counts()).toMatchObject({ requests: 0 });
        const series = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: false });
        expect(series[0]?.periods).toMatchObject([{ period: 1, requests: 1 }]);
      });

      it("counts an organic request to a miner that is not in the plan", async () => {
        await store.recordResults([aResult("r1", { hotkey: "carol", isOrganic: true })], []);
        expect(await counts("carol")).toMatchObject({ requests: 1, organicCount: 1, plannedRequests: 0, declaredCapacityPerHour: 0 });
      });

      it("survives what miners send: NUL, lone surrogates, NaN, an endless reason", async () => {
        const text = "nul \u0000 and half a pair \ud800 and \\u0000 as text";
        await store.recordResults(
          [
            aResult("r1", { outcome: "failed", blame: "miner", reason: `bad \u0000 byte ${"x".repeat(100_000)}` }),
            aResult("r2", { attemptedUnits: Number.NaN, completedUnits: Number.POSITIVE_INFINITY }),
            aResult("r3", { hotkey: "bob" }),
          ],
          [aCheck("r2", { answer: anAnswer(text), request: { text } }), aCheck("r3", { hotkey: "bob" })],
        );
        expect(await counts()).toMatchObject({ requests: 2, attemptedUnits: 50, completedUnits: 0 });
        expect(await counts("bob")).toMatchObject({ requests: 1 });
        const claimed = await store.claimChecks(claim);
        expect(claimed.find((check) => check.requestId === "r2")).toMatchObject({ answer: anAnswer(text), request: { text } });
      });

      it("records nothing for nothing", async () => {
        await store.recordResults([], []);
        expect(await counts()).toMatchObject({ requests: 0 });
      });

      it("counts correctly when batches for the same miners run at the same time", async () => {
        const batches = Array.from({ length: 8 }, (_, batch) =>
          Array.from({ length: 20 }, (_, index) => aResult(`b${batch}-${index}`, { hotkey: (index + batch) % 2 === 0 ? "alice" : "bob" })),
        );
        await Promise.all(batches.map((batch) => store.recordResults(batch, [])));
        expect(await counts("alice")).toMatchObject({ requests: 80, attemptedUnits: 4_000 });
        expect(await counts("bob")).toMatchObject({ requests: 80 });
      });
    });

    describe("checks", () => {
      const queue = async (...ids: readonly (readonly [id: string, hotkey: string, taskId?: string])[]) =>
        store.recordResults(
          ids.map(([id, hotkey, taskId = "chat-tiny"]) => aResult(id, { hotkey, taskId })),
          ids.map(([id, hotkey, taskId = "chat-tiny"]) => aCheck(id, { hotkey, taskId })),
        );

      it("hands out a check as it was recorded, once", async () => {
        await queue(["r1", "alice"]);
        expect(await store.claimChecks(claim)).toEqual([{ ...aCheck("r1"), attempts: 1 }]);
        expect(await store.claimChecks(claim)).toEqual([]);
      });

      it("hands it out again when its lease ran out, or at once when it was put back", async () => {
        await queue(["r1", "alice"]);
        await store.claimChecks(claim);
        expect(await store.claimChecks({ ...claim, nowMs: claim.nowMs + claim.leaseMs })).toMatchObject([{ requestId: "r1", attempts: 2 }]);
        await store.releaseCheck("r1", "retry");
        expect(await store.claimChecks(claim)).toMatchObject([{ requestId: "r1", attempts: 3 }]);
      });

      it("serves the series with the fewest samples first, and one of each before a second", async () => {
        await queue(["a1", "alice"], ["a2", "alice"], ["b1", "bob"], ["b2", "bob"], ["c1", "carol"]);
        const [first] = await store.claimChecks({ ...claim, limit: 1 });
        expect(first?.requestId).toBe("a1");
        await store.recordSample({
          requestId: "a1",
          period: 1,
          hotkey: "alice",
          taskId: "chat-tiny",
          qualityFraction: 1,
          speedFactor: 1,
          reasons: [],
        });
        const next = await store.claimChecks({ ...claim, limit: 2 });
        expect(next.map((check) => check.requestId).sort()).toEqual(["b1", "c1"]);
      });

      it("never hands one check to two claimers", async () => {
        await queue(...Array.from({ length: 30 }, (_, index) => [`r${index}`, `miner-${index % 5}`] as const));
        const claims = await Promise.all(Array.from({ length: 6 }, () => store.claimChecks({ ...claim, limit: 5 })));
        const ids = claims.flat().map((check) => check.requestId);
        expect(new Set(ids).size).toBe(ids.length);
      });

      it("counts what waits, in all and by miner and task", async () => {
        await queue(["r1", "alice"], ["r2", "alice", "image-tiny"], ["r3", "bob", "image-tiny"], ["r4", "alice", "image-tiny"]);
        expect(await store.countPendingChecks()).toBe(4);
        const bySeries = await store.countPendingChecksBySeries();
        expect(bySeries.map(({ hotkey, taskId, count }) => `${hotkey} ${taskId} ${count}`).sort()).toEqual([
          "alice chat-tiny 1",
          "alice image-tiny 2",
          "bob image-tiny 1",
        ]);
      });

      it("makes one sample of a check, however often it is recorded", async () => {
        await store.switchPeriod(aPeriod(1), [aProbe()]);
        await queue(["r1", "alice"]);
        const sample = {
          requestId: "r1",
          period: 1,
          hotkey: "alice",
          taskId: "chat-tiny",
          qualityFraction: 0.75,
          speedFactor: 1.5,
          reasons: ["token 3 \u0000 differs"],
        };
        await store.recordSample(sample);
        await store.recordSample(sample);
        expect(await store.countPendingChecks()).toBe(0);
        const series = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: true });
        expect(series[0]?.samples).toEqual([{ period: 1, qualityFraction: 0.75, speedFactor: 1.5 }]);
      });
    });

    describe("series", () => {
      const sample = (requestId: string, period: number, qualityFraction: number) =>
        store.recordSample({ requestId, period, hotkey: "alice", taskId: "chat-tiny", qualityFraction, speedFactor: 1, reasons: [] });

      it("holds closed periods, the open one when asked, and the capacity of the newest plan", async () => {
        const halfHour = { ...aPeriod(1), endsAtMs: aPeriod(1).startsAtMs + HOUR_MS / 2 };
        await store.switchPeriod(halfHour, [aProbe({ declaredCapacityPerHour: 100 }), aProbe({ hotkey: "gone" })]);
        await store.recordResults([aResult("r1")], []);
        await store.switchPeriod(aPeriod(2), [aProbe({ declaredCapacityPerHour: 300 })]);
        await store.recordResults([aResult("r2", { period: 2, outcome: "rateLimited", blame: "miner", completedUnits: 0 })], []);

        const closed = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: false });
        expect(closed.map((series) => [series.hotkey, series.declaredCapacityPerHour])).toEqual([
          ["alice", 300],
          ["gone", 0],
        ]);
        expect(closed[0]?.periods).toEqual([
          {
            period: 1,
            declaredCapacityUnits: 50,
            attemptedUnits: 50,
            completedUnits: 40,
            rateLimitedUnits: 0,
            failedUnits: 0,
            requests: 1,
            okCount: 1,
            rateLimitedCount: 0,
            failedCount: 0,
          },
        ]);
        const all = await store.getSeries({ fromPeriod: 2, samplesPerSeries: 10, isOpenPeriodIncluded: true });
        expect(all.map((series) => series.hotkey)).toEqual(["alice"]);
        expect(all[0]?.periods).toMatchObject([{ period: 2, declaredCapacityUnits: 300, rateLimitedUnits: 50, rateLimitedCount: 1 }]);
      });

      it("keeps the newest samples when there are more than asked for", async () => {
        await store.switchPeriod(aPeriod(1), [aProbe()]);
        for (const [index, id] of ["s1", "s2", "s3", "s4"].entries()) await sample(id, 1, index / 10);
        const [series] = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 2, isOpenPeriodIncluded: true });
        expect(series?.samples.map((each) => each.qualityFraction).sort()).toEqual([0.2, 0.3]);
        const [none] = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 0, isOpenPeriodIncluded: true });
        expect(none?.samples).toEqual([]);
      });
    });

    it("keeps epoch reports to the last bit, the latest on top", async () => {
      expect(await store.getLatestEpoch()).toBeNull();
      await store.saveEpoch({ period: 2, createdAtMs: 20, report: aReport(2) });
      await store.saveEpoch({ period: 1, createdAtMs: 10, report: aReport(7) });
      await store.saveEpoch({ period: 1, createdAtMs: 11, report: aReport(1) });
      expect(await store.getLatestEpoch()).toEqual({ period: 2, createdAtMs: 20, report: aReport(2) });
      expect(await store.getEpoch(1)).toEqual({ period: 1, createdAtMs: 11, report: aReport(1) });
      expect(await store.getEpoch(3)).toBeNull();
    });

    it("keeps public reports of periods, the latest on top", async () => {
      expect(await store.getLatestPeriodReport()).toBeNull();
      await store.savePeriodReport({ ...aPeriodReport(2), preset: "earlier" });
      await store.savePeriodReport(aPeriodReport(2));
      await store.savePeriodReport(aPeriodReport(1));
      expect(await store.getLatestPeriodReport()).toEqual(aPeriodReport(2));
      expect(await store.getPeriodReport(1)).toEqual(aPeriodReport(1));
      expect(await store.getPeriodReport(3)).toBeNull();
    });

    it("keeps what scores were computed from, with the newest scores of a period and for a limited number of periods", async () => {
      const inputsOf = async (period: number | "latest") => {
        const packed = await store.getScoringInputs(period);
        return packed === null ? null : (JSON.parse(gunzipSync(packed).toString()) as unknown);
      };
      const inputs = (period: number) => ({
        params: VISION,
        observations: { period, periodsPerHour: 1, taskWeights: { "chat-tiny": 1 }, series: [] },
      });
      expect(await inputsOf("latest")).toBeNull();
      await store.saveEpoch({ period: 1, createdAtMs: 1, report: aReport(1) }, inputs(9));
      await store.saveEpoch({ period: 1, createdAtMs: 2, report: aReport(1) }, inputs(1));
      await store.saveEpoch({ period: 2, createdAtMs: 3, report: aReport(2) }, inputs(2));
      expect(await inputsOf(1)).toEqual(inputs(1));
      expect(await inputsOf("latest")).toEqual(inputs(2));
      await store.saveEpoch({ period: 2, createdAtMs: 4, report: aReport(2) });
      expect(await inputsOf(2)).toBeNull();
      const later = 1 + KEPT_SCORING_INPUTS;
      await store.saveEpoch({ period: later, createdAtMs: 5, report: aReport(later) }, inputs(later));
      expect(await inputsOf(1)).toBeNull();
      expect(await inputsOf("latest")).toEqual(inputs(later));
    });

    describe("weight sets", () => {
      const begin = (epochBlock: number, nowMs = 1_000) =>
        store.beginWeightSet({ netuid: 1, epochBlock, weights: [{ uid: 3, weightU16: 65_535 }], nowMs, staleAfterMs: 500 });
      const finish = (epochBlock: number, state: "set" | "failed") =>
        store.finishWeightSet({ netuid: 1, epochBlock, state, includedAtBlock: state === "set" ? epochBlock + 9 : null, detail: null });

      it("lets exactly one begin for an epoch", async () => {
        const begun = await Promise.all([begin(100), begin(100), begin(100)]);
        expect(begun.filter(Boolean)).toHaveLength(1);
        expect(await begin(200)).toBe(true);
      });

      it("lets a failed or abandoned one be tried again, a finished one never", async () => {
        expect(await begin(100)).toBe(true);
        expect(await begin(100, 1_499)).toBe(false);
        expect(await begin(100, 1_500)).toBe(true);
        await finish(100, "failed");
        expect(await begin(100, 1_501)).toBe(true);
        await finish(100, "set");
        expect(await begin(100, 1_000_000)).toBe(false);
      });

      it("knows the last one that the chain took, by subnet", async () => {
        expect(await store.getLastWeightSet(1)).toBeNull();
        for (const [block, state] of [
          [100, "set"],
          [200, "set"],
          [300, "failed"],
        ] as const) {
          await begin(block);
          await finish(block, state);
        }
        expect(await store.getLastWeightSet(1)).toEqual({
          netuid: 1,
          epochBlock: 200,
          weights: [{ uid: 3, weightU16: 65_535 }],
          state: "set",
          includedAtBlock: 209,
          detail: null,
        });
        expect(await store.getLastWeightSet(2)).toBeNull();
      });
    });

    describe("API keys", () => {
      const create = (id: string) =>
        store.createApiKey({ id, name: `key of ${id}`, prefix: `vis_${id}`, sha256Hex: `hash-${id}`, requestsPerMinute: 60, nowMs: 5 });

      it("finds a key by its digest and lists all", async () => {
        await create("one");
        await create("two");
        expect(await store.findApiKey("hash-one")).toEqual({
          id: "one",
          name: "key of one",
          prefix: "vis_one",
          requestsPerMinute: 60,
          createdAtMs: 5,
          lastUsedAtMs: null,
          revokedAtMs: null,
        });
        expect(await store.findApiKey("hash-three")).toBeNull();
        expect((await store.listApiKeys()).map((key) => key.id)).toEqual(["one", "two"]);
      });

      it("revokes once, by id or by prefix", async () => {
        await create("one");
        await create("two");
        expect(await store.revokeApiKey("one", 9)).toBe(true);
        expect(await store.revokeApiKey("one", 10)).toBe(false);
        expect(await store.revokeApiKey("vis_two", 11)).toBe(true);
        expect(await store.revokeApiKey("three", 12)).toBe(false);
        expect((await store.findApiKey("hash-one"))?.revokedAtMs).toBe(9);
      });

      it("remembers the latest use", async () => {
        await create("one");
        await store.touchApiKeys(new Map([["one", 50]]));
        await store.touchApiKeys(new Map([["one", 40]]));
        await store.touchApiKeys(new Map());
        expect((await store.findApiKey("hash-one"))?.lastUsedAtMs).toBe(50);
      });
    });

    it("drops what is older than the retention, and only that", async () => {
      for (const period of [1, 2, 3]) {
        await store.switchPeriod(aPeriod(period), [aProbe()]);
        await store.recordResults([aResult(`r${period}`, { period })], [aCheck(`r${period}`, { period })]);
        await store.recordSample({
          requestId: `s${period}`,
          period,
          hotkey: "alice",
          taskId: "chat-tiny",
          qualityFraction: 1,
          speedFactor: 1,
          reasons: [],
        });
        await store.saveEpoch({ period, createdAtMs: period, report: aReport(period) });
        await store.savePeriodReport(aPeriodReport(period));
      }
      expect(await store.deleteOldRows({ beforePeriod: 3 })).toBeGreaterThan(0);
      const series = await store.getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: true });
      expect(series[0]?.periods.map((tally) => tally.period)).toEqual([3]);
      expect(series[0]?.samples).toHaveLength(1);
      expect(await store.countPendingChecks()).toBe(1);
      expect(await store.getEpoch(2)).toBeNull();
      expect(await store.getEpoch(3)).not.toBeNull();
      expect(await store.getPeriodReport(2)).toBeNull();
      expect(await store.getPeriodReport(3)).not.toBeNull();
      expect(await store.deleteOldRows({ beforePeriod: 3 })).toBe(0);
    });
  });
}
