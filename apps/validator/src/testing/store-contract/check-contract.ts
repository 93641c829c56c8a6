import { describe, expect, it } from "@jest/globals";
import type { ClaimedCheck } from "../../domain/records/index.js";
import type { Store } from "../../ports/index.js";
import { aCheck, anId, aPeriod, aPeriodReport, aProbe, aResult, aTiming } from "../store-samples.js";

/** Checks that wait, and the samples that they become. Part of the store's contract. */
export function describeChecks(store: () => Store): void {
  const claim = { limit: 10, nowMs: 1_000, leaseMs: 500 };

  describe("checks", () => {
    const queue = async (...ids: readonly (readonly [id: string, hotkey: string, taskId?: string])[]) =>
      store().recordResults(
        ids.map(([id, hotkey, taskId = "chat-tiny"]) => aResult(anId(id), { hotkey, taskId })),
        ids.map(([id, hotkey, taskId = "chat-tiny"]) => aCheck(anId(id), { hotkey, taskId })),
      );

    it("tells what came of checking an answer once its period's report is out", async () => {
      await store().switchPeriod(aPeriod(1), []);
      await queue(["good", "alice"], ["bad", "alice"], ["waiting", "bob"]);
      await store().recordResults([aResult(anId("unchecked"))], []);
      const sample = { period: 1, hotkey: "alice", taskId: "chat-tiny", ...aTiming, receipt: null, isOrganic: true, evidence: null };
      await store().recordSample({ ...sample, requestId: anId("good"), qualityFraction: 1, reasons: [] });
      await store().recordSample({ ...sample, requestId: anId("bad"), qualityFraction: 0.25, reasons: ["one", "two"] });
      const names = ["good", "bad", "waiting", "unchecked", "unknown"];
      const read = async () => {
        const verdicts = await store().getRequestVerdicts(names.map(anId));
        return names.map((name) => verdicts.get(anId(name)) ?? null);
      };
      const open = { state: "open" };
      expect(await read()).toEqual([open, open, open, open, null]);
      await store().savePeriodReport(aPeriodReport(1));
      expect(await read()).toEqual([
        { state: "judged", qualityFraction: 1, reasons: [] },
        { state: "judged", qualityFraction: 0.25, reasons: ["one", "two"] },
        open,
        { state: "unchecked" },
        null,
      ]);
      expect((await store().getRequestVerdicts([])).size).toBe(0);
    });

    it("hands out a check as it was recorded, once", async () => {
      await queue(["r1", "alice"]);
      expect(await store().claimChecks(claim)).toEqual([{ ...aCheck(anId("r1")), attempts: 1 }]);
      expect(await store().claimChecks(claim)).toEqual([]);
    });

    it("hands it out again when its lease ran out, or at once when it was put back", async () => {
      await queue(["r1", "alice"]);
      await store().claimChecks(claim);
      expect(await store().claimChecks({ ...claim, nowMs: claim.nowMs + claim.leaseMs })).toMatchObject([
        { requestId: anId("r1"), attempts: 2 },
      ]);
      await store().releaseChecks([{ requestId: anId("r1"), attempts: 2 }], "retry");
      expect(await store().claimChecks(claim)).toMatchObject([{ requestId: anId("r1"), attempts: 3 }]);
    });

    it("gives the attempt back with a check that was not tried", async () => {
      await queue(["r1", "alice"]);
      await store().claimChecks(claim);
      await store().releaseChecks([{ requestId: anId("r1"), attempts: 1 }], "untried");
      expect(await store().claimChecks(claim)).toMatchObject([{ requestId: anId("r1"), attempts: 1 }]);
      await store().releaseChecks([{ requestId: anId("r1"), attempts: 1 }], "retry");
      expect(await store().claimChecks(claim)).toMatchObject([{ requestId: anId("r1"), attempts: 2 }]);
      await store().releaseChecks([{ requestId: anId("r1"), attempts: 2 }], "drop");
      await store().releaseChecks([{ requestId: anId("r1"), attempts: 2 }], "untried");
      expect(await store().countPendingChecks()).toBe(0);
    });

    it("leaves the checks of tasks that are left out, and of one task alone hands out the least tried first", async () => {
      await queue(["a1", "alice"], ["a2", "alice"], ["i1", "bob", "image-tiny"], ["c1", "bob", "completion-tiny"]);
      const exceptTasks = ["chat-tiny", "image-tiny"];
      expect(await store().claimChecks({ ...claim, exceptTasks })).toMatchObject([{ requestId: anId("c1") }]);
      const tried: string[] = [];
      for (let time = 0; time < 4; time += 1) {
        for (const check of await store().claimChecks({ ...claim, limit: 1, onlyTask: "chat-tiny" })) {
          tried.push(check.requestId);
          await store().releaseChecks([check], "retry");
        }
      }
      expect(new Set(tried)).toEqual(new Set(["a1", "a2"].map(anId)));
      expect(tried.slice(2)).toEqual(tried.slice(0, 2));
      expect(await store().claimChecks({ ...claim, onlyTask: "nothing-tiny" })).toEqual([]);
      expect(await store().claimChecks(claim)).toHaveLength(3);
    });

    it("hands out the checks of some tasks alone", async () => {
      await queue(["a1", "alice"], ["i1", "bob", "image-tiny"], ["c1", "bob", "completion-tiny"]);
      const onlyTasks = ["chat-tiny", "completion-tiny", "gone-tiny"];
      const claimed = await store().claimChecks({ ...claim, onlyTasks, exceptTasks: ["chat-tiny"] });
      expect(claimed).toMatchObject([{ requestId: anId("c1") }]);
      expect(await store().claimChecks({ ...claim, onlyTasks: [] })).toEqual([]);
    });

    it("holds claims by its own clock where none is given", async () => {
      await queue(["r1", "alice"]);
      const byOwnClock = { limit: 10, leaseMs: 60_000 };
      expect(await store().claimChecks(byOwnClock)).toHaveLength(1);
      expect(await store().claimChecks(byOwnClock)).toEqual([]);
      expect(await store().claimChecks({ ...byOwnClock, nowMs: Date.now() + 120_000 })).toMatchObject([{ attempts: 2 }]);
    });

    it("makes claims last longer, and says which are held no more", async () => {
      await queue(["kept", "alice"], ["lost", "bob"], ["given", "carol"]);
      const held = await store().claimChecks(claim);
      const one = (id: string) => held.filter(({ requestId }) => requestId === anId(id));
      await store().releaseChecks(one("given"), "retry");
      expect(await store().renewChecks(one("kept"), { ...claim, nowMs: 1_400 })).toEqual([anId("kept")]);
      const others = await store().claimChecks({ ...claim, nowMs: 1_600 });
      expect(new Set(others.map(({ requestId }) => requestId))).toEqual(new Set(["lost", "given"].map(anId)));
      expect(await store().renewChecks(held, { ...claim, nowMs: 1_700 })).toEqual([anId("kept")]);
    });

    it("a claim that ran out gave up the claim of whoever had the check after that", async () => {
      await queue(["r1", "alice"]);
      const late = await store().claimChecks(claim);
      const next = { ...claim, nowMs: claim.nowMs + claim.leaseMs };
      expect(await store().claimChecks(next)).toMatchObject([{ attempts: 2 }]);
      for (const release of ["retry", "untried", "drop"] as const) await store().releaseChecks(late, release);
      expect(await store().claimChecks(next)).toEqual([]);
      expect(await store().countPendingChecks()).toBe(1);
    });

    it("tells samples as they are recorded, whoever found them", async () => {
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      const found = (id: string, hotkey: string) => {
        const sample = { period: 1, hotkey, taskId: "chat-tiny", ...aTiming, qualityFraction: 0.5 };
        return { ...sample, requestId: anId(id), reasons: [], receipt: null, isOrganic: true, evidence: null };
      };
      await store().recordSample(found("r1", "alice"));
      const start = await store().getSamplesAfter(null);
      expect(start.samples).toEqual([]);
      await store().recordSample(found("r2", "bob"));
      await store().recordSample(found("r3", "alice"));
      const next = await store().getSamplesAfter(start.sequence);
      expect(next.samples).toEqual(["bob", "alice"].map((hotkey) => ({ hotkey, taskId: "chat-tiny", ...aTiming, qualityFraction: 0.5 })));
      expect(await store().getSamplesAfter(next.sequence)).toEqual({ samples: [], sequence: next.sequence });
    });

    it("keeps the newest terms", async () => {
      expect(await store().getCheckTerms()).toBeNull();
      await store().setCheckTerms({ validator: "5A", version: "1.0.0", tasks: {} });
      const terms = { validator: "5B", version: "1.1.0", tasks: { "chat-tiny": { id: "chat-tiny", check: { kind: "none" } } } };
      await store().setCheckTerms(terms);
      expect(await store().getCheckTerms()).toEqual(terms);
    });

    it("serves the series with the fewest samples first, and one of each before a second", async () => {
      await queue(["a1", "alice"], ["a2", "alice"], ["b1", "bob"], ["b2", "bob"], ["c1", "carol"]);
      const [first] = await store().claimChecks({ ...claim, limit: 1 });
      if (first === undefined) throw new Error("nothing was handed out");
      const { attempts: _attempts, request: _request, answer: _answer, ...timed } = first;
      await store().recordSample({ ...timed, receipt: null, qualityFraction: 1, reasons: [], evidence: null });
      const next = await store().claimChecks({ ...claim, limit: 2 });
      const served = [first, ...next].map((check) => check.hotkey);
      expect(served.sort()).toEqual(["alice", "bob", "carol"]);
    });

    const next = async () => {
      const [check] = await store().claimChecks({ ...claim, limit: 1 });
      if (check === undefined) throw new Error("nothing was handed out");
      return check;
    };
    const settle = async ({ attempts: _attempts, request: _request, answer: _answer, sampler: _sampler, ...kept }: ClaimedCheck) =>
      store().recordSample({ ...kept, receipt: null, qualityFraction: 1, reasons: [], evidence: null });

    it("a newcomer with many answers went before everybody until it had as many samples: miners take turns, whatever was checked of them before", async () => {
      await queue(["a1", "alice"], ["a2", "alice"], ["a3", "alice"], ["a4", "alice"], ["a5", "alice"]);
      for (let time = 0; time < 3; time += 1) await settle(await next());
      await queue(["b1", "bob"], ["b2", "bob"], ["b3", "bob"], ["b4", "bob"]);
      const served: string[] = [];
      for (let time = 0; time < 4; time += 1) {
        const check = await next();
        served.push(check.hotkey);
        await settle(check);
      }
      expect(served).toEqual(["bob", "alice", "bob", "alice"]);
    });

    it("a miner whose answers could not be judged stayed first in line: a check that is given back has taken its miner's turn", async () => {
      await queue(["b1", "bob"], ["b2", "bob"], ["b3", "bob"], ["a1", "alice"], ["a2", "alice"]);
      const served: string[] = [];
      for (let time = 0; time < 4; time += 1) {
        const check = await next();
        served.push(check.hotkey);
        if (check.hotkey === "bob") await store().releaseChecks([check], "retry");
        else await settle(check);
      }
      for (const turns of [served.slice(0, 2), served.slice(2)]) expect(turns.sort()).toEqual(["alice", "bob"]);
    });

    it("never hands one check to two claimers", async () => {
      await queue(...Array.from({ length: 30 }, (_, index) => [`r${index}`, `miner-${index % 5}`] as const));
      const claims = await Promise.all(Array.from({ length: 6 }, () => store().claimChecks({ ...claim, limit: 5 })));
      const ids = claims.flat().map((check) => check.requestId);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it("keeps what a miner claims to have signed with the check, and its receipt with the sample", async () => {
      const digest = (byte: string) => byte.repeat(32);
      const receipt = { requestSha256Hex: digest("ab"), atMs: 1_764_000_000_123, signatureHex: digest("12ef") };
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      await store().recordResults([aResult(anId("r1"))], [aCheck(anId("r1"), { receipt })]);
      const [check] = await store().claimChecks(claim);
      if (check === undefined) throw new Error("nothing was handed out");
      expect(check.receipt).toEqual(receipt);
      expect(await store().getReceipt(anId("r1"))).toBeNull();
      const { attempts: _attempts, request: _request, answer: _answer, sampler: _sampler, ...kept } = check;
      const complete = { ...receipt, answerSha256Hex: digest("0c") };
      await store().recordSample({ ...kept, receipt: complete, qualityFraction: 1, reasons: [], evidence: null });
      expect(await store().getReceipt(anId("r1"))).toEqual({ hotkey: check.hotkey, receipt: complete });
    });

    it("has no receipt of an answer that none was kept for", async () => {
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      await queue(["r1", "alice"]);
      const [check] = await store().claimChecks(claim);
      if (check === undefined) throw new Error("nothing was handed out");
      const { attempts: _attempts, request: _request, answer: _answer, sampler: _sampler, ...kept } = check;
      await store().recordSample({ ...kept, receipt: null, qualityFraction: 1, reasons: [], evidence: null });
      expect(await store().getReceipt(anId("r1"))).toBeNull();
    });

    it("counts what waits, in all and by miner and task", async () => {
      await queue(["r1", "alice"], ["r2", "alice", "image-tiny"], ["r3", "bob", "image-tiny"], ["r4", "alice", "image-tiny"]);
      expect(await store().countPendingChecks()).toBe(4);
      const bySeries = await store().countPendingChecksBySeries();
      expect(bySeries.map(({ hotkey, taskId, count }) => `${hotkey} ${taskId} ${count}`).sort()).toEqual([
        "alice chat-tiny 1",
        "alice image-tiny 2",
        "bob image-tiny 1",
      ]);
    });

    it("shows a miner its own verdicts in order, page by page, and none of a period before its report is public", async () => {
      const verdictsOf = (hotkey: string, changes: object = {}) =>
        store().getVerdicts({ hotkey, sinceMs: 0, after: null, limit: 2, ...changes });
      for (const period of [1, 2]) {
        await store().switchPeriod(aPeriod(period), [aProbe()]);
        const rows = [`a${period}`, `b${period}`, `c${period}`].map(
          (name) => [anId(name), name.startsWith("b") ? "bob" : "alice"] as const,
        );
        const startedAtMs = aPeriod(period).startsAtMs + 5;
        await store().recordResults(
          rows.map(([id, hotkey]) => aResult(id, { hotkey, period, startedAtMs })),
          rows.map(([id, hotkey]) => aCheck(id, { hotkey, period })),
        );
        for (const check of await store().claimChecks({ ...claim, limit: 3 })) {
          const { attempts: _attempts, request: _request, answer: _answer, sampler: _sampler, ...kept } = check;
          const evidence = { isGreedy: false, margins: null, claims: [1, 0, 0, 0, 0, 0, 0, 0], surprise: { excessNats: 1.5, variance: 2 } };
          const found = { receipt: null, qualityFraction: 0.5, reasons: ["was cut off", "too short"], fault: "cutOff", evidence } as const;
          await store().recordSample({ ...kept, ...found });
        }
      }
      expect(await verdictsOf("alice")).toEqual({ verdicts: [], next: null });
      await store().savePeriodReport(aPeriodReport(1));
      const ofFirst = await verdictsOf("alice", { limit: 10 });
      expect(ofFirst.verdicts.map(({ period }) => period)).toEqual([1, 1]);
      expect(ofFirst.verdicts).toContainEqual({
        ...{ requestId: anId("a1"), period: 1, taskId: "chat-tiny", atMs: aPeriod(1).startsAtMs + 5, ...aTiming },
        ...{ qualityFraction: 0.5, fault: "cutOff", reasons: ["was cut off", "too short"], excessNats: 1.5 },
      });
      await store().savePeriodReport(aPeriodReport(2));
      const pages = [await verdictsOf("alice", { limit: 3 })];
      pages.push(await verdictsOf("alice", { limit: 3, after: pages[0]?.next ?? null }));
      expect(pages.map(({ verdicts }) => verdicts.map(({ period }) => period))).toEqual([[1, 1, 2], [2]]);
      expect(pages[1]?.next).toBeNull();
      const ids = pages.flatMap(({ verdicts }) => verdicts.map(({ requestId }) => requestId));
      expect([...ids].sort()).toEqual([anId("a1"), anId("c1"), anId("a2"), anId("c2")].sort());
      expect((await verdictsOf("alice", { sinceMs: aPeriod(2).startsAtMs, limit: 10 })).verdicts.map(({ period }) => period)).toEqual([
        2, 2,
      ]);
      expect((await verdictsOf("nobody")).verdicts).toEqual([]);
    });

    it("makes one sample of a check, however often it is recorded", async () => {
      await store().switchPeriod(aPeriod(1), [aProbe()]);
      await queue(["r1", "alice"]);
      const sample = {
        requestId: anId("r1"),
        period: 1,
        hotkey: "alice",
        taskId: "chat-tiny",
        qualityFraction: 0.75,
        ...aTiming,
        firstTokenMs: null,
        receipt: null,
        reasons: ["token 3 \u0000 differs"],
        isOrganic: true,
        evidence: {
          isGreedy: false,
          margins: [30, 1, 0, 0, 0, 0, 0, 2],
          claims: [20, 10, 3, 0, 0, 0, 0, 0],
          surprise: { excessNats: -1.25, variance: 17.5 },
        },
      };
      await store().recordSample(sample);
      await store().recordSample(sample);
      expect(await store().countPendingChecks()).toBe(0);
      const series = await store().getSeries({ fromPeriod: 0, samplesPerSeries: 10, isOpenPeriodIncluded: true });
      expect(series[0]?.samples).toEqual([
        {
          period: 1,
          qualityFraction: 0.75,
          ...aTiming,
          firstTokenMs: null,
          reasons: [expect.stringMatching(/^token 3 . differs$/)],
          isOrganic: true,
          evidence: sample.evidence,
        },
      ]);
    });
  });
}
