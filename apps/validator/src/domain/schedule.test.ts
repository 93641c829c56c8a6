import { describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { addGaps, noGaps } from "./gap-histogram.js";
import { createBurstyGaps, evenGaps } from "./gaps.js";
import { aheadOfPlanMs, planSendDelay, remainingRequests, sendWindowEnd } from "./schedule.js";

const noMisses = { rateLimitedUnits: 0, failedUnits: 0, rateLimitedCount: 0, failedCount: 0 };
const plan = { plannedUnits: 320, plannedRequests: 10, unitsPerRequest: 32 };
const progress = { ...plan, ...noMisses, attemptedUnits: 0, sentRequests: 0, inFlight: 0 };

describe("remainingRequests", () => {
  it("counts down by work done, whoever asked for it: organic volume shortens the plan", () => {
    expect(remainingRequests(progress)).toBe(10);
    expect(remainingRequests({ ...progress, attemptedUnits: 160, sentRequests: 2 })).toBe(5);
    expect(remainingRequests({ ...progress, attemptedUnits: 320 })).toBe(0);
    expect(remainingRequests({ ...progress, attemptedUnits: 9_999 })).toBe(0);
  });

  it("counts requests under way as done, so that slow answers do not double the plan", () => {
    expect(remainingRequests({ ...progress, sentRequests: 4, inFlight: 4 })).toBe(6);
  });

  it("goes on after short answers until the volume is reached, for twice the requests at most", () => {
    expect(remainingRequests({ ...progress, sentRequests: 10, attemptedUnits: 100 })).toBe(7);
    expect(remainingRequests({ ...progress, sentRequests: 20, attemptedUnits: 100 })).toBe(0);
  });

  it("a miner that refused short requests at once was asked 1.3 times its plan: a miss is one request of the plan", () => {
    const missed = { attemptedUnits: 60, rateLimitedUnits: 40, rateLimitedCount: 4, failedUnits: 20, failedCount: 1, sentRequests: 5 };
    expect(remainingRequests({ ...progress, ...missed })).toBe(5);
    expect(remainingRequests({ ...progress, ...missed, rateLimitedCount: 9, sentRequests: 10 })).toBe(0);
  });

  it("asks for at least one request of a tiny plan", () => {
    const tiny = { ...progress, plannedUnits: 0.5, plannedRequests: 1 };
    expect(remainingRequests(tiny)).toBe(1);
    expect(remainingRequests({ ...tiny, sentRequests: 1, attemptedUnits: 3 })).toBe(0);
  });
});

describe("aheadOfPlanMs", () => {
  const times = { nowMs: 100_000, startsAtMs: 100_000, sendUntilMs: 200_000 };

  it("a large draw came on top of users and asked a miner for half as much again as it had declared: the plan waits for them", () => {
    // 200 of 320 units, less the two requests that a plan may be ahead by: an even one is there after 42.5 of its 100 seconds.
    const busy = { ...progress, attemptedUnits: 200 };
    expect(aheadOfPlanMs(busy, times)).toBe(42_500);
    expect(aheadOfPlanMs(busy, { ...times, nowMs: 142_500 })).toBe(0);
    expect(aheadOfPlanMs({ ...busy, inFlight: 1 }, times)).toBe(52_500);
  });

  it("leaves a plan alone that is even, or late", () => {
    expect(aheadOfPlanMs(progress, times)).toBe(0);
    expect(aheadOfPlanMs({ ...progress, attemptedUnits: 64 }, times)).toBe(0);
    expect(aheadOfPlanMs({ ...progress, plannedUnits: 0, attemptedUnits: 64 }, times)).toBe(0);
  });

  it("never waits beyond the time to send", () => {
    expect(aheadOfPlanMs({ ...progress, attemptedUnits: 9_999 }, times)).toBe(100_000);
  });
});

describe("planSendDelay", () => {
  const random = createSeededRandom("schedule", []);

  function sendAll(startMs: number, sendUntilMs: number, count: number, gaps = evenGaps): readonly number[] {
    const times: number[] = [];
    for (let nowMs = startMs; times.length < count; ) {
      const delay = planSendDelay({ nowMs, sendUntilMs, remaining: count - times.length, gaps, random });
      if (delay === null) break;
      nowMs += delay;
      times.push(nowMs);
    }
    return times;
  }

  it("sends every request within the window, spread over it, and never two at once", () => {
    for (const count of [1, 2, 7, 100, 1_000]) {
      const times = sendAll(0, 60_000, count);
      expect(times).toHaveLength(count);
      expect(times.at(-1)).toBeLessThan(60_000);
      const meanGap = 60_000 / (count + 1);
      for (let index = 1; index < Math.ceil(count * 0.8); index += 1) {
        const gap = (times[index] ?? 0) - (times[index - 1] ?? 0);
        expect({ count, index, isSpread: gap > meanGap * 0.1 && gap < meanGap * 5 }).toEqual({ count, index, isSpread: true });
      }
    }
  });

  it("does not repeat its gaps: they cannot be predicted from the last one", () => {
    const times = sendAll(0, 60_000, 50);
    const gaps = times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)));
    expect(new Set(gaps).size).toBeGreaterThan(40);
  });

  it("spreads what is left after a restart over the time left", () => {
    const times = sendAll(45_000, 60_000, 20);
    expect(times).toHaveLength(20);
    expect(times[0]).toBeGreaterThan(45_000);
    expect((times[10] ?? 0) - 45_000).toBeGreaterThan(4_000);
  });

  it("sends every request within the window however bursty its gaps are, and leaves no more than a fifth of the time left empty", () => {
    const users = Array.from({ length: 400 }, (_, index) => Math.floor(index / 8) * 90_000 + (index % 8) * 30);
    for (const gaps of [createBurstyGaps(noGaps), createBurstyGaps(addGaps(noGaps, users))]) {
      for (const count of [1, 2, 7, 30, 100, 1_000]) {
        const times = sendAll(0, 60_000, count, gaps);
        expect(times).toHaveLength(count);
        expect(times.at(-1)).toBeLessThan(60_000);
        const longest = times.slice(0, Math.max(0, count - 8)).map((time, index) => {
          const before = times[index - 1] ?? 0;
          return (time - before) / (60_000 - before);
        });
        expect({ count, isSpread: Math.max(0, ...longest) <= 0.2 + 1e-9 }).toEqual({ count, isSpread: true });
      }
    }
  });

  it("sends in bursts where users come in bursts: every second gap was of nearly the same length", () => {
    const even = sendAll(0, 60_000, 400);
    const bursty = sendAll(0, 60_000, 400, createBurstyGaps(noGaps));
    const quick = (times: readonly number[]) => times.filter((time, index) => time - (times[index - 1] ?? 0) < 15).length;
    expect(quick(even)).toBe(0);
    expect(quick(bursty)).toBeGreaterThan(60);
  });

  it("has nothing to say when nothing is left, or no time", () => {
    expect(planSendDelay({ nowMs: 0, sendUntilMs: 10, remaining: 0, gaps: evenGaps, random })).toBeNull();
    expect(planSendDelay({ nowMs: 10, sendUntilMs: 10, remaining: 5, gaps: evenGaps, random })).toBeNull();
  });
});

describe("sendWindowEnd", () => {
  it("leaves the end of a period to the answers", () => {
    expect(sendWindowEnd({ startsAtMs: 1_000, endsAtMs: 2_000 }, 0.9)).toBe(1_900);
  });
});
