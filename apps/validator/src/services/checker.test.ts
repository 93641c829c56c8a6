import { beforeAll, describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import { defaultCheckParams } from "@vision/scoring/probing";
import { createHotkeyFromUri, type Hotkey, parseReceipt, ready, signReceipt, verifyReceipt } from "@vision/signing";
import type { CheckRecord } from "../domain/records/index.js";
import type { Reference } from "../ports/index.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aCheck, anAnswer, aResult, aTiming } from "../testing/store-samples.js";
import { type CheckScope, createChecker } from "./checker.js";
import { createDependencyGuard } from "./dependency-guard.js";

let miner: Hotkey;
let validator: Hotkey;
beforeAll(async () => {
  await ready();
  miner = createHotkeyFromUri("//Miner");
  validator = createHotkeyFromUri("//Validator");
});

const setUp = (
  check: Reference["check"],
  ids: readonly string[],
  ...[taskId, uncheckable, concurrency]: readonly [taskId?: string, uncheckable?: string, concurrency?: string]
) => setUpWith({ check, ids, taskId, uncheckable, concurrency });

type Setup = {
  readonly check: Reference["check"];
  readonly ids: readonly string[];
  readonly taskId?: string | undefined;
  readonly uncheckable?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly readScope?: () => Promise<Pick<CheckScope, "tasks"> | null>;
};

async function setUpWith({ check, ids, readScope = async () => ({ tasks: null }), ...setup }: Setup) {
  const { taskId = "chat-tiny", uncheckable = "", concurrency = "1" } = setup;
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const store = createMemoryStore(clock);
  const registry = new Map(createRegistry());
  await store.recordResults(
    ids.map((id) => aResult(id)),
    ids.map((id) => aCheck(id, { taskId })),
  );
  const params = { ...defaultCheckParams, concurrency: Number(concurrency) };
  const checker = createChecker(params, {
    store,
    async readScope() {
      const scope = await readScope();
      return scope === null ? null : { validator: validator.address, ...scope };
    },
    reference: { canCheck: (task) => task.isEnabled && task.id !== uncheckable, check, close: async () => undefined },
    routing: { task: (id) => registry.get(id) ?? null },
    guard: createDependencyGuard({ clock, logger, metrics }),
    clock,
    logger,
    metrics,
  });
  const stop = new AbortController();
  const running = checker.run(stop.signal).catch(() => undefined);
  const finish = async () => {
    stop.abort();
    await running;
  };
  return { store, clock, logger, metrics, registry, finish };
}

const good: Verdict = { kind: "judged", qualityFraction: 0.5, reasons: ["slow"] };

describe("createChecker", () => {
  it("makes a sample of every judged answer", async () => {
    const { store, clock, finish } = await setUp(async () => good, ["r1", "r2"]);
    await clock.advance(1_000);
    expect([...store.samples.values()]).toMatchObject([
      { requestId: "r1", qualityFraction: 0.5, ...aTiming, reasons: ["slow"] },
      { requestId: "r2" },
    ]);
    expect(await store.countPendingChecks()).toBe(0);
    await finish();
  });

  const signedBy = (hotkey: Hotkey, answer = anAnswer()): Pick<CheckRecord, "hotkey" | "receipt"> => {
    const requestSha256Hex = "ab".repeat(32);
    const parsed = parseReceipt(signReceipt({ hotkey, validator: validator.address, requestSha256Hex, answer, atMs: 5 }));
    return { hotkey: miner.address, receipt: parsed === null ? null : { ...parsed, requestSha256Hex } };
  };

  it("keeps the miner's receipt with the sample, so that anybody can verify it", async () => {
    const { store, clock, finish } = await setUp(async () => good, []);
    await store.recordResults([aResult("r1")], [aCheck("r1", signedBy(miner))]);
    await clock.advance(5_000);
    const kept = await store.getReceipt("r1");
    if (kept === null) throw new Error("no receipt");
    expect(verifyReceipt(kept.receipt, { miner: kept.hotkey, validator: validator.address })).toBe(true);
    expect(store.samples.get("r1")).toMatchObject({ qualityFraction: 0.5, reasons: ["slow"] });
    await finish();
  });

  it("a forged receipt is found at the check: a quality of 0, without asking the reference, and nobody else's", async () => {
    const asked: string[] = [];
    const check: Reference["check"] = async ({ request }) => {
      asked.push(JSON.stringify(request));
      return good;
    };
    const { store, clock, metrics, finish } = await setUp(check, []);
    const ids = ["honest", "otherKey", "otherAnswer", "before"];
    const signed = [signedBy(miner), signedBy(validator), signedBy(miner, anAnswer("something else")), {}];
    await store.recordResults(
      ids.map((id) => aResult(id)),
      ids.map((id, index) => aCheck(id, { request: { id }, ...signed[index] })),
    );
    await clock.advance(5_000);
    expect(asked.sort()).toEqual(['{"id":"before"}', '{"id":"honest"}']);
    const judged = [...store.samples.values()].map(({ requestId, qualityFraction, reasons }) => [requestId, qualityFraction, ...reasons]);
    expect(judged.sort()).toEqual([
      ["before", 0.5, "slow"],
      ["honest", 0.5, "slow"],
      ["otherAnswer", 0, "the receipt is forged"],
      ["otherKey", 0, "the receipt is forged"],
    ]);
    expect(metrics.values.get(`checksTotal ${JSON.stringify({ task: "chat-tiny", verdict: "judged" })}`)).toBe(4);
    expect(await store.countPendingChecks()).toBe(0);
    await finish();
  });

  it("tries an inconclusive answer again and drops it in the end: never a zero, never for ever", async () => {
    let calls = 0;
    const inconclusive = async (): Promise<Verdict> => {
      calls += 1;
      return { kind: "inconclusive", reason: "odd" };
    };
    const { store, clock, finish } = await setUp(inconclusive, ["r1"]);
    await clock.advance(60_000);
    expect(calls).toBe(defaultCheckParams.maxAttempts);
    expect(store.samples.size).toBe(0);
    expect(await store.countPendingChecks()).toBe(0);
    await finish();
  });

  it("W-21: one answer that breaks the reference does not stop the others", async () => {
    const check: Reference["check"] = async ({ request }) => {
      if (JSON.stringify(request).includes("poison")) throw new Error("crash");
      return good;
    };
    const { store, clock, logger, finish } = await setUp(check, ["r1", "r2", "r3"]);
    await store.recordResults([aResult("p")], [aCheck("p", { request: { text: "poison" } })]);
    await clock.advance(60_000);
    expect([...store.samples.keys()].sort()).toEqual(["r1", "r2", "r3"]);
    expect(await store.countPendingChecks()).toBe(0);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
    await finish();
  });

  const isPoison = (request: unknown) => JSON.stringify(request).includes("poison");
  const poison = (id: string, taskId = "chat-tiny") => aCheck(id, { taskId, request: { text: "poison" } });

  it("one answer that breaks the reference, before any other was judged, paused the checks of all", async () => {
    const check: Reference["check"] = async ({ request }) => {
      if (isPoison(request)) throw new Error("crash");
      return good;
    };
    const { store, clock, finish } = await setUp(check, []);
    const ids = ["p", "r1", "r2", "i1"];
    await store.recordResults(
      ids.map((id) => aResult(id)),
      [poison("p"), aCheck("r1"), aCheck("r2"), aCheck("i1", { taskId: "image-tiny" })],
    );
    await clock.advance(0);
    expect([...store.samples.keys()]).toEqual(["i1"]);
    await clock.advance(3_500);
    expect([...store.samples.keys()].sort()).toEqual(["i1", "r1", "r2"]);
    await clock.advance(60_000);
    expect(await store.countPendingChecks()).toBe(0);
    await finish();
  });

  it("an answer that breaks a reference which judges others is tried again and dropped, and pauses nothing", async () => {
    const asked: string[] = [];
    const check: Reference["check"] = async ({ request }) => {
      asked.push(isPoison(request) ? "poison" : "good");
      if (isPoison(request)) throw new Error("crash");
      return good;
    };
    const { store, clock, logger, finish } = await setUp(check, ["r1"]);
    await clock.advance(1_000);
    await store.recordResults([aResult("p"), aResult("r2")], [poison("p"), aCheck("r2")]);
    await clock.advance(2_000);
    expect([...store.samples.keys()]).toEqual(["r1", "r2"]);
    expect(await store.countPendingChecks()).toBe(0);
    expect(asked.filter((each) => each === "poison")).toHaveLength(defaultCheckParams.maxAttempts);
    expect(logger.lines.filter(({ level }) => level !== "debug")).toEqual([]);
    await finish();
  });

  it("ten minutes without a reference used up the answers' attempts", async () => {
    let isAway = false;
    let asked = 0;
    const check: Reference["check"] = async () => {
      asked += 1;
      if (isAway) throw new Error("away");
      return good;
    };
    const { store, clock, logger, metrics, finish } = await setUp(check, ["r1"]);
    await clock.advance(1_000);
    isAway = true;
    const ids = Array.from({ length: 5 }, (_, index) => `a${index}`);
    await store.recordResults(
      ids.map((id) => aResult(id)),
      ids.map((id) => aCheck(id)),
    );
    await clock.advance(600_000);
    expect(metrics.values.get('dependencyUp {"dependency":"reference"}')).toBe(0);
    expect(asked).toBeLessThan(20);
    isAway = false;
    await clock.advance(61_000);
    expect([...store.samples.keys()]).toEqual(["r1", ...ids]);
    expect(metrics.values.get('dependencyUp {"dependency":"reference"}')).toBe(1);
    expect(logger.lines.filter(({ level }) => level !== "debug").map(({ level }) => level)).toEqual(["warn", "info"]);
    await finish();
  });

  it("a reference that is away, or never answers, holds up its own tasks and no others", async () => {
    for (const fault of ["throws", "hangs"] as const) {
      let isIll = true;
      const check: Reference["check"] = async ({ task }) => {
        if (!isIll || task.id !== "image-tiny") return good;
        if (fault === "throws") throw new Error("away");
        return new Promise(() => undefined);
      };
      const { store, clock, finish } = await setUp(check, ["i1", "i2"], "image-tiny");
      await clock.advance(defaultCheckParams.leaseMs + 1_000);
      for (let second = 0; second < 20; second += 1) {
        await store.recordResults([aResult(`c${second}`)], [aCheck(`c${second}`)]);
        await clock.advance(1_000);
      }
      await clock.advance(1_000);
      expect(`${fault}: ${store.samples.size}`).toBe(`${fault}: 20`);
      expect(await store.countPendingChecks()).toBeGreaterThan(0);
      isIll = false;
      await clock.advance(2 * defaultCheckParams.leaseMs);
      expect(store.samples.has("i2")).toBe(true);
      await finish();
    }
  });

  it("a reference that works on one answer at a time was taken to be away by those that waited for it", async () => {
    const { leaseMs } = defaultCheckParams;
    let isFree = Promise.resolve();
    const slow: Reference["check"] = ({ signal }) => {
      const turn = isFree.then(() => clock.sleep(leaseMs * 0.9, signal));
      isFree = turn.catch(() => undefined);
      return turn.then(() => good);
    };
    const { store, clock, logger, finish } = await setUp(slow, ["r1", "r2", "r3", "r4"], "chat-tiny", "", "4");
    await clock.advance(4 * leaseMs);
    expect(store.samples.size).toBe(4);
    expect(logger.lines.filter(({ level }) => level !== "debug")).toEqual([]);
    await finish();
  });

  it("does not keep all workers waiting for a reference that answers no more", async () => {
    let isSilent = false;
    const check: Reference["check"] = async ({ task }) => (isSilent && task.id === "image-tiny" ? new Promise(() => undefined) : good);
    const { store, clock, finish } = await setUp(check, ["i0"], "image-tiny", "", "4");
    await clock.advance(1_000);
    isSilent = true;
    const ids = ["i1", "i2", "i3", "i4", "i5"];
    await store.recordResults(
      ids.map((id) => aResult(id)),
      ids.map((id) => aCheck(id, { taskId: "image-tiny" })),
    );
    await clock.advance(1_000);
    await store.recordResults([aResult("c1")], [aCheck("c1")]);
    await clock.advance(defaultCheckParams.leaseMs + 1_000);
    expect([...store.samples.keys()]).toEqual(["i0", "c1"]);
    isSilent = false;
    await clock.advance(3 * defaultCheckParams.leaseMs);
    expect([...store.samples.keys()].sort()).toEqual(["c1", "i0", ...ids]);
    await finish();
  });

  it("drops answers of tasks that are gone or cannot be checked", async () => {
    const { store, clock, finish } = await setUp(async () => good, ["r1"], "gone");
    await clock.advance(1_000);
    expect(await store.countPendingChecks()).toBe(0);
    expect(store.samples.size).toBe(0);
    await finish();
  });

  it("waited for ever for the reference of a task that was removed while it was away", async () => {
    const { clock, metrics, finish, registry } = await setUp(async () => Promise.reject(new Error("down")), ["a"], "completion-tiny");
    await clock.advance(5_000);
    expect(metrics.values.get('dependencyUp {"dependency":"reference"}')).toBe(0);
    registry.delete("completion-tiny");
    await clock.advance(60_000);
    expect(metrics.values.get('dependencyUp {"dependency":"reference"}')).toBe(1);
    await finish();
  });

  it("waits for the store without losing a verdict's answer", async () => {
    const { store, clock, finish } = await setUp(async () => {
      store.setUnreachable(true);
      return good;
    }, ["r1"]);
    await clock.advance(5_000);
    store.setUnreachable(false);
    await clock.advance(20_000);
    expect([...store.samples.keys()]).toEqual(["r1"]);
    await finish();
  });

  it("a checker that stopped kept its claims for as long as a lease lasts", async () => {
    const { store, finish } = await setUp(() => new Promise(() => undefined), ["r1", "r2"], "chat-tiny", "", "2");
    await settle();
    expect(await store.claimChecks({ limit: 10, leaseMs: 1 })).toEqual([]);
    await finish();
    expect(await store.claimChecks({ limit: 10, leaseMs: 1 })).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
  });

  it("an answer that waited longer than a lease for its turn was checked by two", async () => {
    const { leaseMs } = defaultCheckParams;
    let isSlow = false;
    const slow: Reference["check"] = async ({ signal }) => {
      if (isSlow) await clock.sleep(leaseMs * 0.6, signal);
      return good;
    };
    const { store, clock, finish } = await setUp(slow, ["r0"]);
    await clock.advance(0);
    isSlow = true;
    const ids = ["r1", "r2", "r3"];
    await store.recordResults(
      ids.map((id) => aResult(id)),
      ids.map((id) => aCheck(id)),
    );
    await clock.advance(1_000);
    for (let step = 0; step < 20; step += 1) {
      const others = await store.claimChecks({ limit: 10, leaseMs: 1 });
      expect(`${step}: ${others.map(({ requestId }) => requestId)}`).toBe(`${step}: `);
      await clock.advance(leaseMs / 10);
    }
    expect([...store.samples.keys()]).toEqual(["r0", ...ids]);
    await finish();
  });

  it("leaves the checks of tasks that are not its to others, and drops none", async () => {
    const scope = { tasks: ["chat-tiny"] as readonly string[] | null };
    const { store, clock, finish } = await setUpWith({ check: async () => good, ids: ["c1"], readScope: async () => scope });
    await store.recordResults([aResult("i1"), aResult("g1")], [aCheck("i1", { taskId: "image-tiny" }), aCheck("g1", { taskId: "gone" })]);
    await clock.advance(5_000);
    expect([...store.samples.keys()]).toEqual(["c1"]);
    expect(await store.countPendingChecks()).toBe(2);
    expect(await store.claimChecks({ limit: 10, leaseMs: 1 })).toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
    await finish();
  });

  it("claims nothing while it does not know whose answers they are", async () => {
    let isKnown = false;
    const readScope = async () => (isKnown ? { tasks: null } : null);
    const { store, clock, finish } = await setUpWith({ check: async () => good, ids: ["c1"], readScope });
    await clock.advance(5_000);
    expect(await store.claimChecks({ limit: 10, leaseMs: 1, nowMs: clock.nowMs() })).toMatchObject([{ attempts: 1 }]);
    isKnown = true;
    await clock.advance(5_000);
    expect([...store.samples.keys()]).toEqual(["c1"]);
    await finish();
  });
});
