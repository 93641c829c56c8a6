import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { planProbes, shareFloorAt } from "./plan-probes.js";
import { defaultProbingParams } from "./probing-params.js";

const registry = createRegistry();
const plan = (capacities: Parameters<typeof planProbes>[0]["capacities"], changes: Partial<typeof defaultProbingParams> = {}, seed = "s") =>
  planProbes({ capacities, registry, params: { ...defaultProbingParams, ...changes }, seed });

const chat = (hotkey: string, capacityPerHour: number) => ({ hotkey, taskId: "chat-tiny", capacityPerHour });

describe("planProbes", () => {
  it("keeps drawing the same plan from the same seed, release by release", () => {
    expect(plan([chat("alice", 60_000), { hotkey: "alice", taskId: "image-tiny", capacityPerHour: 900 }], {}, "golden")).toEqual([
      {
        hotkey: "alice",
        taskId: "chat-tiny",
        declaredCapacityPerHour: 60_000,
        triedFraction: 0.05,
        plannedUnits: 3000,
        plannedRequests: 94,
      },
      {
        hotkey: "alice",
        taskId: "image-tiny",
        declaredCapacityPerHour: 900,
        triedFraction: 0.09502763498853714,
        plannedUnits: 85.52487148968342,
        plannedRequests: 14,
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

  it("draws the shares of the reference: 7.325 % on average, most of them 5 %", () => {
    const shares = plan(Array.from({ length: 20_000 }, (_, index) => chat(`m${index}`, 60_000))).map(({ triedFraction }) => triedFraction);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(Math.abs(mean - 0.07325)).toBeLessThan(0.0025);
    expect(Math.abs(shares.filter((share) => share === 0.05).length / shares.length - 0.7)).toBeLessThan(0.015);
    expect(Math.abs(shares.filter((share) => share >= 0.4).length / shares.length - 0.03)).toBeLessThan(0.006);
    expect(Math.max(...shares)).toBeLessThan(0.8);
  });

  it("plans enough requests in a short period, but never more than the capacity", () => {
    const short = { periodMs: 20_000, minRequestsPerPeriod: 6 };
    // 60 000 tokens an hour are 333 in 20 s, some ten requests.
    expect(plan([chat("alice", 60_000)], short)[0]?.plannedRequests).toBe(6);
    const [small] = plan([chat("small", 6_000)], short);
    expect(small).toMatchObject({ triedFraction: 1, plannedRequests: 1 });
    expect(small?.plannedUnits).toBeCloseTo(33.33, 2);
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
