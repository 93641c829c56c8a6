import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createCounterWindow } from "./counter-window.js";

describe("counter window", () => {
  it("accepts counters out of order, each once", () => {
    const window = createCounterWindow(64);
    for (const counter of [5, 3, 4, 0, 63, 1]) expect({ counter, isNew: window.checkAndRecord(counter) }).toEqual({ counter, isNew: true });
    for (const counter of [5, 3, 4, 0, 63, 1])
      expect({ counter, isNew: window.checkAndRecord(counter) }).toEqual({ counter, isNew: false });
  });

  it("refuses what has fallen out of the window", () => {
    const window = createCounterWindow(64);
    window.checkAndRecord(100);
    expect(window.checkAndRecord(36)).toBe(false);
    expect(window.checkAndRecord(37)).toBe(true);
  });

  it("refuses what is no counter", () => {
    const window = createCounterWindow(64);
    for (const counter of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect({ counter, isNew: window.checkAndRecord(counter) }).toEqual({ counter, isNew: false });
    }
    expect(window.checkAndRecord(Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  it("behaves as a set of everything seen, cut off below the window", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }), (counters) => {
        const window = createCounterWindow(64);
        const seen = new Set<number>();
        let highest = -1;
        for (const counter of counters) {
          const expected = !seen.has(counter) && counter > highest - 64;
          expect(window.checkAndRecord(counter)).toBe(expected);
          seen.add(counter);
          highest = Math.max(highest, counter);
        }
      }),
    );
  });
});
