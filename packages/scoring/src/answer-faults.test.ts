import { describe, expect, it } from "@jest/globals";
import { timingOf } from "../test/make-series.js";
import { newestFaults } from "./answer-faults.js";

const sample = (period: number, qualityFraction: number, ...reasons: readonly string[]) => ({
  ...{ period, qualityFraction, reasons },
  ...timingOf(1),
});

describe("newestFaults", () => {
  it("gives the newest faulty answers, worst first, in any order of samples", () => {
    const samples = [sample(1, 0, "old"), sample(3, 1), sample(3, 0.5, "cut off"), sample(3, 0, "b"), sample(3, 0, "a"), sample(2, 0, "x")];
    const expected = [
      { period: 3, qualityFraction: 0, reasons: ["a"] },
      { period: 3, qualityFraction: 0, reasons: ["b"] },
      { period: 3, qualityFraction: 0.5, reasons: ["cut off"] },
    ];
    expect(newestFaults(samples)).toEqual(expected);
    expect(newestFaults([...samples].reverse())).toEqual(expected);
  });

  it("takes only texts, and not too many", () => {
    const odd = { ...sample(1, Number.NaN), reasons: [7, "", "long".repeat(1_000), null, "b", "c", "d", "e"] as unknown as string[] };
    const [fault] = newestFaults([odd, { ...odd, reasons: "text" as unknown as string[] }, { ...odd, period: Number.NaN }]);
    expect(fault).toMatchObject({ qualityFraction: 0, reasons: [expect.stringMatching(/^(long){50}$/), "b", "c", "d"] });
    expect(newestFaults([sample(1, 0)])).toEqual([]);
  });
});
