import { describe, expect, it } from "@jest/globals";
import { createReplayWindow } from "./replay-window.js";

describe("replay window", () => {
  it("accepts a key once, for as long as it is remembered", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 10 });
    expect(window.checkAndRecord("a", 5_000, 5_000)).toBe(true);
    expect(window.checkAndRecord("a", 5_000, 5_000)).toBe(false);
    expect(window.checkAndRecord("a", 5_000, 5_999)).toBe(false);
    expect(window.checkAndRecord("b", 5_000, 5_000)).toBe(true);
  });

  it("refuses what is older than its memory", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 10 });
    expect(window.checkAndRecord("a", 5_000, 6_001)).toBe(false);
  });

  it("forgets what is over, so memory follows traffic", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 1_000_000 });
    for (let index = 0; index < 10_000; index += 1) window.checkAndRecord(`key-${index}`, index * 10, index * 10);
    expect(window.size).toBeLessThan(120);
  });

  it("never accepts a replay and never grows past its bound, even when flooded", () => {
    const window = createReplayWindow({ windowMs: 10_000, maxEntries: 64 });
    const accepted = new Set<string>();
    for (let index = 0; index < 2_000; index += 1) {
      const nowMs = 100_000 + index;
      const key = `key-${index}`;
      if (window.checkAndRecord(key, nowMs, nowMs)) accepted.add(key);
      expect(window.size).toBeLessThanOrEqual(64);
      const earlier = `key-${Math.floor(index / 2)}`;
      if (accepted.has(earlier)) expect(window.checkAndRecord(earlier, 100_000 + Math.floor(index / 2), nowMs)).toBe(false);
    }
    expect(accepted.size).toBeGreaterThan(64);
  });

  it("stays shut to a time it has forgotten when the clock goes back", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 10 });
    expect(window.checkAndRecord("a", 10_000, 10_000)).toBe(true);
    expect(window.checkAndRecord("b", 20_000, 20_000)).toBe(true);
    expect(window.checkAndRecord("a", 10_000, 10_000)).toBe(false);
  });

  it("refuses a time that is no number", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 10 });
    expect(window.checkAndRecord("a", Number.NaN, 10_000)).toBe(false);
    expect(window.checkAndRecord("a", Number.POSITIVE_INFINITY, 10_000)).toBe(false);
  });
});
