import { describe, expect, it } from "@jest/globals";
import { createWorkUnitBudget } from "./work-unit-budget.js";

const options = { capacityPerHour: 3_600, burstFraction: 0.1, typicalUnits: 10 };

describe("work unit budget", () => {
  it("starts full, refuses when empty and says when to come back", () => {
    const budget = createWorkUnitBudget(options, 0);
    expect(budget.reserve(360, 0).ok).toBe(true);
    expect(budget.reserve(5, 0)).toEqual({ ok: false, retryAfterMs: 5_000 });
    expect(budget.reserve(5, 5_000).ok).toBe(true);
  });

  it("gives back what was not used, once", () => {
    const budget = createWorkUnitBudget(options, 0);
    const decision = budget.reserve(360, 0);
    if (!decision.ok) throw new Error("refused");
    decision.reservation.settle(60);
    decision.reservation.settle(0);
    expect(budget.reserve(301, 0).ok).toBe(false);
    expect(budget.reserve(300, 0).ok).toBe(true);
  });

  it("never saves up more than its burst", () => {
    const budget = createWorkUnitBudget(options, 0);
    expect(budget.reserve(360, 3_600_000).ok).toBe(true);
    expect(budget.reserve(1, 3_600_000).ok).toBe(false);
  });

  it("admits a request larger than the burst when it is full, and has it paid off", () => {
    const budget = createWorkUnitBudget(options, 0);
    expect(budget.reserve(1_000, 0).ok).toBe(true);
    expect(budget.reserve(1, 640_000).ok).toBe(false);
    expect(budget.reserve(1, 641_000).ok).toBe(true);
  });

  it("holds two typical requests, however small the capacity, and nothing when there is none", () => {
    expect(createWorkUnitBudget({ ...options, capacityPerHour: 1 }, 0).reserve(20, 0).ok).toBe(true);
    expect(createWorkUnitBudget({ ...options, capacityPerHour: 0 }, 0).reserve(1, 0).ok).toBe(false);
  });

  it("follows a change of capacity", () => {
    const budget = createWorkUnitBudget(options, 0);
    budget.setCapacity(36_000, 0);
    expect(budget.reserve(360, 0).ok).toBe(true);
    expect(budget.reserve(10, 1_000).ok).toBe(true);
    budget.setCapacity(0, 1_000);
    expect(budget.reserve(1, 9_000_000).ok).toBe(false);
  });

  it("does not run backwards with the clock", () => {
    const budget = createWorkUnitBudget(options, 10_000);
    expect(budget.reserve(360, 10_000).ok).toBe(true);
    expect(budget.reserve(1, 0).ok).toBe(false);
  });
});
