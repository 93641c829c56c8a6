import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createRateLimiter } from "./rate-limiter.js";

describe("createRateLimiter", () => {
  it("lets a minute's requests through at once, then one per share of the minute", () => {
    const limiter = createRateLimiter();
    const take = (nowMs: number) => limiter.take({ key: "key", perMinute: 3 }, nowMs);
    expect([take(0), take(0), take(0)].map(({ isAllowed, remaining, resetMs }) => [isAllowed, remaining, resetMs])).toEqual([
      [true, 2, 20_000],
      [true, 1, 40_000],
      [true, 0, 60_000],
    ]);
    expect(take(0)).toMatchObject({ isAllowed: false, retryAfterMs: 20_000 });
    expect(take(19_999).isAllowed).toBe(false);
    expect(take(20_000).isAllowed).toBe(true);
  });

  it("never lets through more than two minutes' worth in one minute, whatever the pace", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 300 }),
        (perMinute, times) => {
          const limiter = createRateLimiter();
          const passed = [...times].sort((a, b) => a - b).filter((time) => limiter.take({ key: "key", perMinute }, time).isAllowed);
          expect(passed.length).toBeLessThanOrEqual(2 * perMinute);
        },
      ),
    );
  });

  it("gives nothing for a clock that goes back, and keeps keys apart", () => {
    const limiter = createRateLimiter();
    expect(limiter.take({ key: "key", perMinute: 1 }, 100_000).isAllowed).toBe(true);
    expect(limiter.take({ key: "key", perMinute: 1 }, 0).isAllowed).toBe(false);
    expect(limiter.take({ key: "other", perMinute: 1 }, 0).isAllowed).toBe(true);
  });

  it("allows nothing at a limit of 0 and bounds its memory", () => {
    const limiter = createRateLimiter({ maxKeys: 2 });
    expect(limiter.take({ key: "zero", perMinute: 0 }, 0)).toMatchObject({ isAllowed: false, remaining: 0 });
    for (const key of ["a", "b", "c"]) limiter.take({ key, perMinute: 1 }, 0);
    expect(limiter.take({ key: "a", perMinute: 1 }, 0).isAllowed).toBe(true);
    expect(limiter.take({ key: "c", perMinute: 1 }, 0).isAllowed).toBe(false);
  });

  it("charges what was used in place of what was expected, also above the limit, and looks without taking", () => {
    const limiter = createRateLimiter();
    const share = { key: "key", perMinute: 60 };
    expect(limiter.take({ ...share, units: 10 }, 0)).toMatchObject({ isAllowed: true, remaining: 50 });
    limiter.charge({ ...share, units: -4 }, 0);
    expect(limiter.look({ ...share, units: 54 }, 0).isAllowed).toBe(true);
    expect(limiter.look({ ...share, units: 55 }, 0).isAllowed).toBe(false);
    limiter.charge({ ...share, units: 114 }, 0);
    expect(limiter.look(share, 59_999)).toMatchObject({ isAllowed: false, remaining: 0 });
    expect(limiter.look(share, 61_000).isAllowed).toBe(true);
    limiter.charge({ ...share, units: -1_000 }, 61_000);
    expect(limiter.look(share, 61_000).remaining).toBe(59);
  });

  it("takes more than a minute holds as a minute's: asked for when all is there, it passes", () => {
    const limiter = createRateLimiter();
    expect(limiter.take({ key: "key", perMinute: 10, units: 50 }, 0)).toMatchObject({ isAllowed: true, remaining: 0 });
    expect(limiter.take({ key: "key", perMinute: 10, units: 50 }, 59_000).isAllowed).toBe(false);
    expect(limiter.take({ key: "key", perMinute: 10, units: 50 }, 60_000).isAllowed).toBe(true);
  });
});
