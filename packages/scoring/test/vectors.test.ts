import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { compareVectors, scoringVectorsSchema, VECTOR_TOLERANCE } from "./compare-vectors.js";

const vectors = scoringVectorsSchema.parse(
  JSON.parse(readFileSync(new URL("./fixtures/reference-scoring.vectors.json", import.meta.url), "utf8")),
);

describe("reference presets", () => {
  it("reproduce the reference's own results in every section", () => {
    const sections = compareVectors(vectors);
    expect(sections.map(({ section, cases }) => [section, cases])).toEqual([
      ["periodScore vision2024", 12],
      ["periodScore nineteen2025", 12],
      ["speedFactor vision2024", 12],
      ["averagePeriodScore vision2024", 12],
      ["averagePeriodScore nineteen2025", 12],
      ["taskShares vision2024", 12],
      ["taskShares nineteen2025", 12],
      ["speedBonusByRank nineteen2025", 12],
    ]);
    expect(sections.filter(({ largestDifference }) => !(largestDifference <= VECTOR_TOLERANCE))).toEqual([]);
  });

  it("notice a result that is off", () => {
    const [first, ...rest] = vectors.speedFactor;
    if (first === undefined) throw new Error("the fixture is empty");
    const wrong = { ...vectors, speedFactor: [{ ...first, speedFactor: first.speedFactor + 1e-8 }, ...rest] };
    const section = compareVectors(wrong).find((each) => each.section === "speedFactor vision2024");
    expect(section?.largestDifference).toBeGreaterThan(VECTOR_TOLERANCE);
    const missing = { ...vectors, periodScore: vectors.periodScore.map((vector) => ({ ...vector, vision2024: null })) };
    expect(compareVectors(missing)[0]?.largestDifference).toBe(Number.POSITIVE_INFINITY);
  });
});
