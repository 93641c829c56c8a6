import { describe, expect, it } from "@jest/globals";
import { carryPace, pacedMs, savedUnits, takePaced } from "./pace.js";

const pace = { unitsPerHour: 3_600, burstUnits: 100 };
const nowMs = 1_000_000;

describe("a pace", () => {
  it("gives the burst, then what its rate fills", () => {
    const empty = takePaced(pace, 0, 100, nowMs) ?? Number.NaN;
    expect(savedUnits(pace, empty, nowMs)).toBe(0);
    expect(takePaced(pace, empty, 1, nowMs)).toBeNull();
    // One unit a second, and a second for the way to the miner.
    expect(savedUnits(pace, empty, nowMs + 11_000)).toBe(10);
    expect(takePaced(pace, empty, 10, nowMs + 11_000)).toBe(empty + 10_000);
    expect(savedUnits(pace, empty, nowMs + 1e9)).toBe(100);
  });

  it("lets a request through that is larger than the burst, once all of it is saved up, and has it paid off", () => {
    const indebted = takePaced(pace, 0, 250, nowMs) ?? Number.NaN;
    expect(takePaced(pace, indebted, 1, nowMs + 151_000)).toBeNull();
    expect(takePaced(pace, indebted, 1, nowMs + 152_000)).not.toBeNull();
    expect(takePaced(pace, nowMs + 1, 250, nowMs)).toBeNull();
  });

  it("gives back what was not used", () => {
    const taken = takePaced(pace, 0, 60, nowMs) ?? Number.NaN;
    expect(savedUnits(pace, taken + pacedMs(pace, -50), nowMs)).toBe(100 - 10 - 1);
  });

  it("goes on under another rate with as much in use as before, and what a record tells of it", () => {
    const fullAtMs = nowMs + pacedMs(pace, 30);
    const faster = { unitsPerHour: 7_200, burstUnits: 200 };
    expect(savedUnits(faster, carryPace({ pace, fullAtMs }, faster, 0, nowMs), nowMs)).toBeCloseTo(170);
    expect(savedUnits(faster, carryPace({ pace, fullAtMs }, faster, 20, nowMs), nowMs)).toBeCloseTo(150);
    expect(savedUnits(faster, carryPace(null, faster, 5_000, nowMs), nowMs + 1_000)).toBeCloseTo(2);
  });
});
