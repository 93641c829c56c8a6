import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { NINETEEN_2025 } from "../reference-presets/nineteen-2025.js";
import { speedByReference } from "../reference-presets/reference-speed.js";
import { VISION_2024 } from "../reference-presets/vision-2024.js";
import { speedFactor } from "./speed-factor.js";

const target = { firstTokenMs: 400, unitsPerSecond: 80 };

/** An answer of a miner that is `pace` times as fast as the target in both parts. */
function answer(pace: number, units: number) {
  const firstTokenMs = target.firstTokenMs / pace;
  return { firstTokenMs, durationMs: firstTokenMs + (units * 1000) / target.unitsPerSecond / pace, units };
}

describe("speedFactor", () => {
  it("is 1 at the target, rises to its bound and falls to 0", () => {
    expect(speedFactor(answer(1, 100), target)).toBeCloseTo(1, 12);
    expect(speedFactor(answer(2, 100), target)).toBeCloseTo(1.2, 12);
    expect(speedFactor(answer(0.5, 100), target)).toBeCloseTo(0.75, 12);
    expect(speedFactor({ firstTokenMs: 0, durationMs: 0, units: 10_000 }, target)).toBeLessThanOrEqual(1.5);
    expect(speedFactor({ firstTokenMs: 1, durationMs: 1e9, units: 1 }, target)).toBeLessThan(0.5);
  });

  it("W-13: a short answer is no gift: the same pace gives the same factor at any length", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 10, noNaN: true }), fc.integer({ min: 1, max: 4000 }), (pace, units) => {
        expect(speedFactor(answer(pace, units), target)).toBeCloseTo(speedFactor(answer(pace, 100), target), 2);
      }),
    );
    // The reference gives its maximum to any answer that ends within the overhead.
    expect(speedByReference({ firstTokenMs: 399, durationMs: 399, units: 1 }, target, VISION_2024.speed)).toBe(1.6);
  });

  it("counts a late first token even when the whole answer is as fast", () => {
    const streaming = speedFactor({ firstTokenMs: 100, durationMs: 1650, units: 100 }, target);
    const buffering = speedFactor({ firstTokenMs: 1650, durationMs: 1650, units: 100 }, target);
    expect(buffering).toBeLessThan(streaming);
  });

  it("is finite and within its bound for any timing", () => {
    const any = fc.oneof(fc.double(), fc.constant(Number.NaN), fc.constant(0), fc.constant(-1));
    fc.assert(
      fc.property(any, any, any, (firstTokenMs, durationMs, units) => {
        const timing = { firstTokenMs, durationMs, units };
        for (const [factor, most] of [
          [speedFactor(timing, target), 1.5],
          [speedByReference(timing, target, VISION_2024.speed), 1.6],
          [speedByReference(timing, target, NINETEEN_2025.speed), 1e9],
        ] as const) {
          expect(factor).toBeGreaterThanOrEqual(0);
          expect(factor).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it("is 0 for an answer without units or without a usable time", () => {
    expect(speedFactor({ firstTokenMs: 1, durationMs: 10, units: 0 }, target)).toBe(0);
    expect(speedFactor({ firstTokenMs: 1, durationMs: Number.NaN, units: 5 }, target)).toBe(0);
  });
});
