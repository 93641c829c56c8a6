import { describe, expect, it } from "@jest/globals";
import { createSlotPool } from "./slot-pool.js";

const activeWindowMs = 10_000;

describe("slot pool", () => {
  it("gives all slots to a validator that is alone", () => {
    const pool = createSlotPool({ slots: 4, activeWindowMs });
    const held = [1, 2, 3, 4, 5].map(() => pool.tryAcquire("a", 0));
    expect(held.map((release) => release !== null)).toEqual([true, true, true, true, false]);
  });

  it("keeps each active validator's share free for it", () => {
    const pool = createSlotPool({ slots: 4, activeWindowMs });
    const first = [1, 2, 3, 4].map(() => pool.tryAcquire("a", 0));
    expect(pool.tryAcquire("b", 1)).toBeNull();
    first[0]?.();
    expect(pool.tryAcquire("a", 2)).toBeNull();
    expect(pool.tryAcquire("b", 3)).not.toBeNull();
    first[1]?.();
    expect(pool.tryAcquire("a", 4)).toBeNull();
    expect(pool.tryAcquire("b", 5)).not.toBeNull();
    expect(pool.usedSlots).toBe(4);
  });

  it("lends a share again once its validator has been silent", () => {
    const pool = createSlotPool({ slots: 2, activeWindowMs });
    pool.tryAcquire("b", 0)?.();
    expect(pool.tryAcquire("a", 1)).not.toBeNull();
    expect(pool.tryAcquire("a", 2)).toBeNull();
    expect(pool.tryAcquire("a", activeWindowMs + 1)).not.toBeNull();
  });

  it("counts a slot back once, however often it is released", () => {
    const pool = createSlotPool({ slots: 1, activeWindowMs });
    const release = pool.tryAcquire("a", 0);
    release?.();
    release?.();
    expect(pool.usedSlots).toBe(0);
    expect(pool.tryAcquire("a", 0)).not.toBeNull();
    expect(pool.tryAcquire("a", 0)).toBeNull();
  });

  it("still serves one at a time when there are more validators than slots", () => {
    const pool = createSlotPool({ slots: 2, activeWindowMs });
    const releases = ["a", "b", "c"].map((validator) => pool.tryAcquire(validator, 0));
    expect(releases.map((release) => release !== null)).toEqual([true, true, false]);
    releases[0]?.();
    expect(pool.tryAcquire("b", 1)).toBeNull();
    expect(pool.tryAcquire("c", 1)).not.toBeNull();
  });
});
