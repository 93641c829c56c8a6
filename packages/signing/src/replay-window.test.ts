import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createReplayWindow, type ReplayWindow } from "./replay-window.js";

const record = (window: ReplayWindow, id: string, timestampMs: number, nowMs: number, signer = "alice") =>
  window.checkAndRecord({ signer, id, timestampMs, nowMs });

describe("replay window", () => {
  it("accepts a message once, for as long as it is remembered", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 10 });
    expect(record(window, "a", 5_000, 5_000)).toBe(true);
    expect(record(window, "a", 5_000, 5_000)).toBe(false);
    expect(record(window, "a", 5_000, 5_999)).toBe(false);
    expect(record(window, "b", 5_000, 5_000)).toBe(true);
    expect(record(window, "a", 5_000, 5_000, "bob")).toBe(true);
  });

  it("refuses what is older than its memory", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 10 });
    expect(record(window, "a", 5_000, 6_001)).toBe(false);
  });

  it("forgets what is over, so memory follows traffic", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 1_000_000 });
    for (let index = 0; index < 10_000; index += 1) record(window, `id-${index}`, index * 10, index * 10, `signer-${index % 50}`);
    expect(window.size).toBeLessThan(120);
  });

  it("never accepts a replay and never grows past its bound, even when flooded", () => {
    const window = createReplayWindow({ windowMs: 10_000, maxEntries: 64 });
    const accepted = new Set<string>();
    for (let index = 0; index < 2_000; index += 1) {
      const nowMs = 100_000 + index;
      const id = `id-${index}`;
      if (record(window, id, nowMs, nowMs)) accepted.add(id);
      expect(window.size).toBeLessThanOrEqual(64);
      const earlier = `id-${Math.floor(index / 2)}`;
      if (accepted.has(earlier)) expect(record(window, earlier, 100_000 + Math.floor(index / 2), nowMs)).toBe(false);
    }
    expect(accepted.size).toBeGreaterThan(64);
  });

  it("never accepts the same message twice, whoever sends what and when", () => {
    const message = fc.record({ signer: fc.constantFrom("a", "b", "c"), id: fc.nat(6), ageMs: fc.nat(120), stepMs: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (messages, bound) => {
        const window = createReplayWindow({ windowMs: 100, maxEntries: bound * 2, maxEntriesPerSigner: bound });
        const accepted = new Set<string>();
        let nowMs = 10_000;
        for (const { signer, id, ageMs, stepMs } of messages) {
          nowMs += stepMs;
          const timestampMs = nowMs - ageMs;
          const name = `${signer}:${id}:${timestampMs}`;
          const isNew = window.checkAndRecord({ signer, id: `${id}:${timestampMs}`, timestampMs, nowMs });
          if (isNew && accepted.has(name)) throw new Error(`accepted twice: ${name}`);
          if (isNew) accepted.add(name);
          if (window.size > bound * 2) throw new Error(`holds ${window.size}`);
        }
      }),
    );
  });

  it("a signer who floods it pushes out only what is its own", () => {
    const window = createReplayWindow({ windowMs: 10_000, maxEntries: 1_000, maxEntriesPerSigner: 100 });
    expect(record(window, "kept", 100_000, 100_000, "alice")).toBe(true);
    for (let index = 0; index < 5_000; index += 1) record(window, `id-${index}`, 101_000 + index, 101_000 + index, "mallory");
    expect(window.size).toBeLessThanOrEqual(101);
    // Older than what was forgotten of the flood, yet new, and still accepted; what was accepted is still known.
    expect(record(window, "fresh", 100_500, 106_000, "alice")).toBe(true);
    expect(record(window, "kept", 100_000, 106_000, "alice")).toBe(false);
  });

  it("when all of it is full, whoever holds the most gives way and a signer of few messages keeps them", () => {
    const window = createReplayWindow({ windowMs: 10_000, maxEntries: 100 });
    expect(record(window, "kept", 100_000, 100_000, "alice")).toBe(true);
    for (let index = 0; index < 300; index += 1) record(window, `id-${index}`, 100_000 + index * 10, 100_000 + index * 10, "mallory");
    expect(record(window, "late", 100_100, 103_000, "alice")).toBe(true);
    expect(record(window, "kept", 100_000, 103_000, "alice")).toBe(false);
    expect(window.size).toBeLessThanOrEqual(100);
  });

  it("when full of signers with one message each, it refuses another and forgets none of them", () => {
    const window = createReplayWindow({ windowMs: 10_000, maxEntries: 10 });
    for (let index = 0; index < 10; index += 1) expect(record(window, "x", 100_000, 100_000, `signer-${index}`)).toBe(true);
    expect(record(window, "x", 100_000, 100_000, "another")).toBe(false);
    for (let index = 0; index < 10; index += 1) expect(record(window, "x", 100_000, 100_000, `signer-${index}`)).toBe(false);
    expect(record(window, "x", 115_000, 115_000, "another")).toBe(true);
  });

  it("stays shut to a time it has forgotten when the clock goes back", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 10 });
    expect(record(window, "a", 10_000, 10_000)).toBe(true);
    expect(record(window, "b", 20_000, 20_000)).toBe(true);
    expect(record(window, "a", 10_000, 10_000)).toBe(false);
  });

  it("refuses a time that is no number", () => {
    const window = createReplayWindow({ windowMs: 1_000, maxEntries: 10 });
    expect(record(window, "a", Number.NaN, 10_000)).toBe(false);
    expect(record(window, "a", Number.POSITIVE_INFINITY, 10_000)).toBe(false);
  });
});
