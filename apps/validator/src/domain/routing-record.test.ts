import { describe, expect, it } from "@jest/globals";
import {
  emptyRoutingRecord,
  expectedFirstTokenMs,
  isOnProbation,
  type RoutedOutcome,
  type RoutingRecord,
  readyAtMs,
  routingScore,
  waitMs,
  withExcuse,
  withOutcome,
  withSample,
} from "./routing-record.js";

const ok: RoutedOutcome = { outcome: "ok", blame: "nobody", firstTokenMs: 100, durationMs: 900, retryAfterMs: null, silentMs: null };
const failed: RoutedOutcome = { outcome: "failed", blame: "miner", firstTokenMs: null, durationMs: 5, retryAfterMs: null, silentMs: null };
const full: RoutedOutcome = { ...failed, outcome: "rateLimited", retryAfterMs: 7_000 };

const after = (record: RoutingRecord, outcomes: readonly RoutedOutcome[], nowMs = 0) =>
  outcomes.reduce((each, outcome) => withOutcome(each, outcome, nowMs), record);
const repeat = (outcome: RoutedOutcome, count: number) => Array.from({ length: count }, () => outcome);

describe("routingScore", () => {
  it("newcomers never got a user's request: they are expected to be middling, and none once they fail", () => {
    const good = routingScore(withSample(emptyRoutingRecord, 1));
    expect(routingScore(emptyRoutingRecord)).toBeGreaterThan(0);
    expect(routingScore(emptyRoutingRecord)).toBeLessThan(good);
    expect(routingScore(after(emptyRoutingRecord, [failed]))).toBe(0);
    expect(routingScore(withSample(emptyRoutingRecord, 0))).toBe(0);
  });

  it("is quality times the share answered once an answer was checked", () => {
    expect(routingScore(after(withSample(emptyRoutingRecord, 1.2), [ok]))).toBeCloseTo(1.2, 12);
  });

  it("falls quickly when a miner stops answering and rises again when it recovers", () => {
    const down = after(withSample(emptyRoutingRecord, 1), [ok, ...repeat(failed, 4)]);
    expect(routingScore(down)).toBeLessThan(0.5);
    expect(routingScore(after(down, repeat(ok, 10)))).toBeGreaterThan(routingScore(down) + 0.3);
  });
});

describe("a miner that is full", () => {
  it("is spared until the time that it names, and nothing is held against it", () => {
    const known = after(withSample(emptyRoutingRecord, 1), [ok]);
    const spared = after(known, repeat(full, 5), 1_000);
    expect(readyAtMs(spared)).toBe(8_000);
    expect(routingScore(spared)).toBe(routingScore(known));
    expect(isOnProbation(spared)).toBe(false);
  });

  it("is asked again soon where it names none, and within a minute whatever it names", () => {
    expect(readyAtMs(after(emptyRoutingRecord, [{ ...full, retryAfterMs: null }]))).toBe(1_000);
    expect(readyAtMs(after(emptyRoutingRecord, [{ ...full, retryAfterMs: 1e9 }]))).toBe(60_000);
  });
});

describe("a miner that fails", () => {
  it("is left alone after three failures in a row, longer each time that it fails again, until it answers", () => {
    const twice = after(emptyRoutingRecord, repeat(failed, 2));
    expect([readyAtMs(twice), isOnProbation(twice)]).toEqual([0, false]);
    const broken = after(twice, [failed]);
    expect([readyAtMs(broken), isOnProbation(broken)]).toEqual([1_000, true]);
    const again = after(broken, [failed], 1_000);
    expect(readyAtMs(again)).toBe(3_000);
    let still = again;
    for (let round = 0; round < 10; round += 1) still = after(still, [failed], readyAtMs(still));
    expect(readyAtMs(after(still, [failed], readyAtMs(still))) - readyAtMs(still)).toBe(8_000);
    const answers = after(still, [ok], readyAtMs(still));
    expect([readyAtMs(answers), isOnProbation(answers)]).toEqual([0, false]);
  });

  it("is left alone once for all the requests that failed together", () => {
    expect(readyAtMs(after(emptyRoutingRecord, repeat(failed, 50)))).toBe(1_000);
  });

  it("was left alone for an hour where the clock was set back by one: nobody is spared for longer than a minute", () => {
    const beforeMs = 3_600_000;
    const left = after(emptyRoutingRecord, [full, ...repeat(failed, 3)], beforeMs);
    expect([waitMs(left, beforeMs), waitMs(left, beforeMs + 6_999), waitMs(left, beforeMs + 7_000), waitMs(left, 0)]).toEqual([
      7_000, 1, 0, 0,
    ]);
    // It is spared, and found broken, as ever.
    expect(waitMs(after(left, [full], 0), 0)).toBe(7_000);
    expect(waitMs(after(left, [failed], 0), 0)).toBe(2_000);
  });

  it("is not left alone for failures that were not its fault", () => {
    const others = (["validator", "nobody"] as const).flatMap((blame) => repeat({ ...failed, blame }, 9));
    expect(after(emptyRoutingRecord, others)).toEqual(emptyRoutingRecord);
    expect(readyAtMs(withExcuse(after(emptyRoutingRecord, repeat(failed, 3))))).toBe(0);
  });
});

describe("expectedFirstTokenMs", () => {
  const taking = (firstTokenMs: number) => ({ ...ok, firstTokenMs });

  it("believes a slow answer at once and forgets it with time", () => {
    const usual = after(emptyRoutingRecord, repeat(taking(100), 5));
    const slow = after(usual, [taking(2_000)]);
    expect(expectedFirstTokenMs(slow, 0)).toBe(2_000);
    const later = expectedFirstTokenMs(slow, 60_000) ?? 0;
    expect(later).toBeGreaterThan(100);
    expect(later).toBeLessThan(500);
    expect(expectedFirstTokenMs(after(slow, repeat(taking(100), 20), 60_000), 120_000)).toBeLessThan(110);
  });

  it("takes the wait for a request that was cancelled before its first token for the least that it would have been", () => {
    const cancelled = { ...failed, blame: "nobody" } as const;
    const usual = after(emptyRoutingRecord, repeat(taking(100), 5));
    expect(expectedFirstTokenMs(after(usual, [{ ...cancelled, silentMs: 3_000 }]), 0)).toBe(3_000);
    expect(after(usual, [{ ...cancelled, silentMs: 50 }])).toEqual(usual);
    expect(routingScore(after(usual, [{ ...cancelled, silentMs: 3_000 }]))).toBe(routingScore(usual));
  });

  it("takes the whole of an answer that comes as one, and knows nothing before the first", () => {
    expect(expectedFirstTokenMs(emptyRoutingRecord, 0)).toBeNull();
    expect(expectedFirstTokenMs(after(emptyRoutingRecord, [{ ...ok, firstTokenMs: null }]), 0)).toBe(900);
  });
});
