import { describe, expect, it } from "@jest/globals";
import { dayOf, monthOf, monthOfDay, startOfMonth } from "./calendar.js";

describe("calendar months in UTC", () => {
  it("begin with their first millisecond, in leap years and over the years' ends too", () => {
    for (const text of ["1970-01-01", "2023-12-01", "2024-01-01", "2024-02-01", "2024-03-01", "2099-12-01"]) {
      const atMs = Date.parse(text);
      expect({ text, start: startOfMonth(monthOf(atMs)) }).toEqual({ text, start: atMs });
      expect({ text, before: monthOf(atMs - 1) }).toEqual({ text, before: monthOf(atMs) - 1 });
    }
    expect(monthOfDay(dayOf(Date.parse("2026-11-30T23:59:59.999Z")))).toBe(682);
    expect([monthOf(0), monthOf(Date.parse("2026-11-30T23:59:59.999Z"))]).toEqual([0, 682]);
  });
});
