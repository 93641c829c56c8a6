import { describe, expect, it } from "@jest/globals";
import { createBodyBudget } from "./body-budget.js";

const newBudget = () => createBodyBudget({ maxBytes: 100, maxBytesPerAddress: 60, freeBytes: 10 });

describe("body budget", () => {
  it("bounds what one address holds, and what all hold together", () => {
    const budget = newBudget();
    const own = budget.open("a");
    expect([own.take(40), own.take(40), own.take(30)]).toEqual([true, false, true]);
    expect(budget.open("b").take(50)).toBe(true);
    expect(budget.open("c").take(50)).toBe(false);
    expect(budget.heldBytes).toBe(100);
  });

  it("has room for a small body however full it is", () => {
    const budget = newBudget();
    for (const address of ["a", "b"]) budget.open(address).take(60);
    const small = budget.open("a");
    expect([small.take(6), small.take(4), small.take(1)]).toEqual([true, true, false]);
  });

  it("gets everything back, once", () => {
    const budget = newBudget();
    const share = budget.open("a");
    const other = budget.open("a");
    share.take(30);
    other.take(30);
    share.release();
    share.release();
    expect(budget.heldBytes).toBe(20);
    other.release();
    expect(budget.heldBytes).toBe(0);
    expect(budget.open("a").take(70)).toBe(true);
  });
});
