import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { isBigDraw } from "./big-draw.js";
import { planProbes, shareFloorAt } from "./plan-probes.js";
import { defaultProbingParams } from "./probing-params.js";

const registry = createRegistry();
const plan = (capacities: Parameters<typeof planProbes>[0]["capacities"], changes: Partial<typeof defaultProbingParams> = {}, seed = "s") =>
  planProbes({ capacities, registry, params: { ...defaultProbingParams, ...changes }, seed, commonSeed: "quiet" });

/** No large draws. */
const never = { ...defaultProbingParams.bigDraws, probabilityPerHour: 0, untriedProbabilityPerHour: 0 };

const chat = (hotkey: string, capacityPerHour: number) => ({ hotkey, taskId: "chat-tiny", capacityPerHour });

describe("planProbes", () => {
  it("keeps drawing the same plan from the same seed, release by release", () => {
    expect(plan([chat("alice", 60_000), { hotkey: "alice", taskId: "image-tiny", capacityPerHour: 900 }], {}, "golden")).toEqual([
      {
        hotkey: "alice",
        taskId: "chat-tiny",
        declaredCapacityPerHour: 60_000,
        triedFraction: 0.976,
        plannedUnits: 58_560,
        plannedRequests: 1830,
      },
      {
        hotkey: "alice",
        taskId: "image-tiny",
        declaredCapacityPerHour: 900,
        triedFraction: 0.9933333333333333,
        plannedUnits: 894,
        plannedRequests: 149,
      },
    ]);
  });

  it("W-07: tries every miner by its own share, whoever else there is and whatever they declare", () => {
    const alone = plan([chat("alice", 60_000)]);
    const beside = plan([
      chat("huge", 1e12),
      chat("nan", Number.NaN),
      chat("infinite", Number.POSITIVE_INFINITY),
      chat("negative", -5),
      chat("alice", 60_000),
    ]);
    expect(beside.filter(({ hotkey }) => hotkey === "alice")).toEqual(alone);
    expect(beside.map(({ hotkey }) => hotkey)).toEqual(["huge", "alice"]);
    for (const probe of beside) expect(Number.isFinite(probe.plannedUnits) && probe.triedFraction <= 1).toBe(true);
    expect(beside[0]?.declaredCapacityPerHour).toBe(10_000_000);
  });

  it("tries small shares: 1.5 % on average, of a machine of a request an hour as of a large one", () => {
    for (const capacity of [32, 60_000]) {
      const shares = plan(
        Array.from({ length: 20_000 }, (_, index) => chat(`m${index}`, capacity)),
        { bigDraws: never },
      ).map(({ triedFraction }) => triedFraction);
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      expect([capacity, Math.abs(mean - 0.015) < 0.002]).toEqual([capacity, true]);
    }
  });

  it("tries large shares in the hours of the common seed: of two thirds of the hotkeys, each at all of its tasks, whoever the validator is", () => {
    const bigDraws = { ...defaultProbingParams.bigDraws, probabilityPerHour: 1, untriedProbabilityPerHour: 0 };
    const capacities = Array.from({ length: 400 }, (_, index) => [
      chat(`m${index}`, 60_000),
      { hotkey: `m${index}`, taskId: "image-tiny", capacityPerHour: 900 },
    ]).flat();
    const bigOf = (seed: string) => plan(capacities, { bigDraws }, seed).map((probe) => isBigDraw(probe));
    const big = bigOf("one validator");
    expect(bigOf("another")).toEqual(big);
    for (let index = 0; index < big.length; index += 2) expect([index, big[index]]).toEqual([index, big[index + 1]]);
    expect(Math.abs(big.filter(Boolean).length / big.length - 0.67)).toBeLessThan(0.08);
  });

  it("tries a declaration that was hardly tried yet in the next hour for such, and one that was not", () => {
    const bigDraws = { ...defaultProbingParams.bigDraws, probabilityPerHour: 0, untriedProbabilityPerHour: 1 };
    const of = (triedPerHour: number) => plan([{ ...chat("alice", 60_000), triedPerHour }], { bigDraws }).map((probe) => isBigDraw(probe));
    expect([0, 30_000, 58_000].map((tried) => of(tried)[0])).toEqual([true, true, false]);
  });

  it("plans enough requests in a short period, but never more than the capacity", () => {
    const short = { periodMs: 20_000, minRequestsPerPeriod: 6, bigDraws: never };
    // 60 000 tokens an hour are 333 in 20 s, some ten requests.
    expect(plan([chat("alice", 60_000)], short)[0]?.plannedRequests).toBe(6);
    const [small] = plan([chat("small", 6_000)], short);
    expect(small).toMatchObject({ triedFraction: 0.96, plannedRequests: 1 });
  });

  it("bounds what a huge claim costs", () => {
    const [probe] = plan([chat("huge", 10_000_000)], { maxRequestsPerPeriod: 100 });
    expect(probe?.plannedRequests).toBe(100);
  });

  it("leaves out tasks that are unknown or switched off", () => {
    const capacities = ["chat-llama-3-1-8b", "nonsense"].map((taskId) => ({ hotkey: "alice", taskId, capacityPerHour: 1_000 }));
    expect(plan(capacities)).toEqual([]);
  });
});

describe("shareFloorAt", () => {
  const points = [
    { capacityRequests: 100, fraction: 0.8 },
    { capacityRequests: 10, fraction: 0.2 },
  ];

  it("is linear between its points and flat outside, in any order of points", () => {
    expect([0, 10, 55, 100, 1e9].map((capacity) => shareFloorAt(capacity, points))).toEqual([0.2, 0.2, 0.5, 0.8, 0.8]);
    expect(shareFloorAt(50, [])).toBe(0);
  });
});
