import { describe, expect, it } from "@jest/globals";
import { createFirstTokenTimes } from "./first-token-times.js";

describe("createFirstTokenTimes", () => {
  it("knows no budget before it has seen twenty", () => {
    const times = createFirstTokenTimes();
    for (let count = 0; count < 19; count += 1) times.note(1_000);
    expect(times.budgetMs()).toBeNull();
    times.note(1_000);
    expect(times.budgetMs()).toBe(1_000);
  });

  it("is what nineteen of twenty keep within, and follows the newest", () => {
    const times = createFirstTokenTimes();
    for (let count = 1; count <= 100; count += 1) times.note(count * 10);
    expect(times.budgetMs()).toBe(950);
    for (let count = 0; count < 256; count += 1) times.note(200);
    expect(times.budgetMs()).toBe(200);
  });

  it("leaves room for the network where answers start at once", () => {
    const times = createFirstTokenTimes();
    for (let count = 0; count < 20; count += 1) times.note(1);
    expect(times.budgetMs()).toBe(50);
  });
});
