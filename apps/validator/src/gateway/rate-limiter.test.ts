import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createRateLimiter } from "./rate-limiter.js";

describe("createRateLimiter", () => {
  it("lets a minute's requests through at once, then one per share of the minute", () => {
    const limiter = createRateLimiter();
    const take = (nowMs: number) => limiter.take("key", 3, nowMs);
    expect([take(0), take(0), take(0)].map(({ isAllowed, remaining }) => [isAllowed, remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
    ]);
    expect(take(0)).toMatchObject({ isAllowed: false, retryAfterMs: 20_000 });
    expect(take(19_999).isAllowed).toBe(false);
    expect(take(20_000).isAllowed).toBe(true);
  });

  it("never lets through more than two minutes' worth in one minute, whatever the pace", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 300 }), (limit, times) => {
        const limiter = createRateLimiter();
        const passed = [...times].sort((a, b) => a - b).filter((time) => limiter.take("key", limit, time).isAllowed);
        expect(passed.length).toBeLessThanOrEqual(2 * limit);
      }),
    );
  });

  it("gives nothing for a clock that goes back, and keeps keys apart", () => {
    const limiter = createRateLimiter();
    expect(limiter.take("key", 1, 100_000).isAllowed).toBe(true);
    expect(limiter.take("key", 1, 0).isAllowed).toBe(false);
    expect(limiter.take("other", 1, 0).isAllowed).toBe(true);
  });

  it("allows nothing at a limit of 0 and bounds its memory", () => {
    const limiter = createRateLimiter({ maxKeys: 2 });
    expect(limiter.take("zero", 0, 0)).toMatchObject({ isAllowed: false, remaining: 0 });
    for (const key of ["a", "b", "c"]) limiter.take(key, 1, 0);
    expect(limiter.take("a", 1, 0).isAllowed).toBe(true);
    expect(limiter.take("c", 1, 0).isAllowed).toBe(false);
  });
});
