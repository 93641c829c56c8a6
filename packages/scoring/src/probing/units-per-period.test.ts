import { describe, expect, it } from "@jest/globals";
import { unitsPerPeriod } from "./units-per-period.js";

describe("unitsPerPeriod", () => {
  it("is the hourly capacity scaled to the period", () => {
    expect(unitsPerPeriod(60_000, 60_000)).toBe(1_000);
  });
});
