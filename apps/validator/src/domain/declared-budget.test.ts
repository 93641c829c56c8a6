import { describe, expect, it } from "@jest/globals";
import { declaredBudget } from "./declared-budget.js";

const HOUR_MS = 3_600_000;
const declared = { hotkey: "miner", taskId: "task", declaredCapacityPerHour: 800 };

describe("what a declared capacity allows in a period", () => {
  it("is its volume where that is more than may be saved up", () => {
    expect(declaredBudget(declared, undefined, HOUR_MS).units).toBe(800);
    expect(declaredBudget(declared, undefined, HOUR_MS / 2).units).toBe(400);
  });

  it("is never less than what may be saved up: in a period of seconds the probes leave users nothing of its volume", () => {
    expect(declaredBudget(declared, undefined, 10_000)).toMatchObject({ units: 100, pace: { unitsPerHour: 800, burstUnits: 100 } });
  });

  it("is no more than the volume of an hour for a miner of one request an hour", () => {
    const task = { typicalUnitsPerRequest: 800 } as Parameters<typeof declaredBudget>[1];
    expect(declaredBudget(declared, task, HOUR_MS)).toMatchObject({ units: 800, pace: { burstUnits: 1_600 } });
  });
});
