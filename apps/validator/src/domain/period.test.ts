import { describe, expect, it } from "@jest/globals";
import { planNextPeriod } from "./period.js";

const hour = 3_600_000;

describe("planNextPeriod", () => {
  it("starts with 1 and counts by one, however long the survey between two periods took", () => {
    expect(planNextPeriod({ newest: null, nowMs: 50, periodMs: hour })).toEqual({ period: 1, startsAtMs: 50, endsAtMs: 50 + hour });
    expect(planNextPeriod({ newest: { period: 4, startsAtMs: 0 }, nowMs: hour + 9_000, periodMs: hour }).period).toBe(5);
  });

  it("counts the gaps of an outage, and never repeats a number when the clock goes back", () => {
    expect(planNextPeriod({ newest: { period: 4, startsAtMs: 0 }, nowMs: 4.5 * hour, periodMs: hour }).period).toBe(8);
    expect(planNextPeriod({ newest: { period: 4, startsAtMs: hour }, nowMs: 0, periodMs: hour }).period).toBe(5);
  });
});
