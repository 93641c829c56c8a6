import { describe, expect, it } from "@jest/globals";
import { createSlotPool } from "./slot-pool.js";

const activeWindowMs = 10_000;
const mayMoreCome = () => false;

describe("slot pool", () => {
  it("gives all slots to a validator that is alone", () => {
    const pool = createSlotPool({ slots: 4, activeWindowMs, mayMoreCome });
    const held = [1, 2, 3, 4, 5].map(() => pool.tryAcquire("a", 0));
    expect(held.map((release) => release !== null)).toEqual([true, true, true, true, false]);
  });

  it("keeps each active validator's share free for it", () => {
    const pool = createSlotPool({ slots: 4, activeWindowMs, mayMoreCome });
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

  it("keeps a part free for permitted validators that are not there yet, while there are any", () => {
    const pool = createSlotPool({ slots: 16, activeWindowMs, mayMoreCome: (activeCount) => activeCount < 3 });
    const take = (validator: string) => pool.tryAcquire(validator, 0) !== null;
    const takeAll = (validator: string) => {
      let count = 0;
      while (take(validator)) count += 1;
      return count;
    };
    expect(takeAll("first")).toBe(14);
    expect(take("second")).toBe(true);
    expect(takeAll("second")).toBe(0);
    // The last one that may come is there: nothing is kept any more.
    expect(take("third")).toBe(true);
    expect(pool.usedSlots).toBe(16);
  });

  it("lends a share again once its validator has been silent", () => {
    const pool = createSlotPool({ slots: 2, activeWindowMs, mayMoreCome });
    pool.tryAcquire("b", 0)?.();
    expect(pool.tryAcquire("a", 1)).not.toBeNull();
    expect(pool.tryAcquire("a", 2)).toBeNull();
    expect(pool.tryAcquire("a", activeWindowMs + 1)).not.toBeNull();
  });

  it("counts a slot back once, however often it is released", () => {
    const pool = createSlotPool({ slots: 1, activeWindowMs, mayMoreCome });
    const release = pool.tryAcquire("a", 0);
    release?.();
    release?.();
    expect(pool.usedSlots).toBe(0);
    expect(pool.tryAcquire("a", 0)).not.toBeNull();
    expect(pool.tryAcquire("a", 0)).toBeNull();
  });

  it("still serves one at a time when there are more validators than slots", () => {
    const pool = createSlotPool({ slots: 2, activeWindowMs, mayMoreCome });
    const releases = ["a", "b", "c"].map((validator) => pool.tryAcquire(validator, 0));
    expect(releases.map((release) => release !== null)).toEqual([true, true, false]);
    releases[0]?.();
    expect(pool.tryAcquire("b", 1)).toBeNull();
    expect(pool.tryAcquire("c", 1)).not.toBeNull();
  });
});
