import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { periodScore, taskShares, VISION } from "../src/index.js";
import { defaultProbingParams } from "../src/probing/index.js";
import { scoringVectorsSchema } from "./compare-vectors.js";

const documentation = readFileSync(new URL("../../../docs/scoring.md", import.meta.url), "utf8");
const vectors = scoringVectorsSchema.parse(
  JSON.parse(readFileSync(new URL("./fixtures/reference-scoring.vectors.json", import.meta.url), "utf8")),
);

describe("docs/scoring.md", () => {
  it("works out the period score of a vector as the code does", () => {
    const vector = vectors.periodScore.find(({ totalRequests }) => totalRequests === 146);
    if (vector === undefined) throw new Error("the vector of the example is missing");
    const ok = vector.totalRequests - vector.rateLimited - vector.serverErrors;
    const each = vector.consumedVolume / ok;
    const unserved = 1 - vector.consumedVolume / vector.declaredVolume;
    const score = periodScore(
      {
        period: 0,
        declaredCapacityUnits: vector.declaredVolume,
        attemptedUnits: each * vector.totalRequests,
        completedUnits: vector.consumedVolume,
        rateLimitedUnits: each * vector.rateLimited,
        failedUnits: each * vector.serverErrors,
        requests: vector.totalRequests,
        okCount: ok,
        rateLimitedCount: vector.rateLimited,
        failedCount: vector.serverErrors,
      },
      VISION.periodScore,
    );
    const costs = { failed: (1 + 2 * unserved).toFixed(3), refused: (3 * unserved ** 2).toFixed(3) };
    expect(documentation).toContain(
      `${ok} / (${ok} + ${vector.serverErrors} x ${costs.failed} + ${vector.rateLimited} x ${costs.refused}) = ${score?.toFixed(3)}      ` +
        `VISION_2024: ${vector.vision2024?.toFixed(3)}      NINETEEN_2025: ${vector.nineteen2025?.toFixed(3)}`,
    );
  });

  it("shows the task shares of a vector as the code gives them", () => {
    const [vector] = vectors.taskShares;
    if (vector === undefined) throw new Error("the vector of the example is missing");
    const volumes = Object.values(vector.effectiveVolumes);
    const line = (name: string, values: readonly number[], digits: number) =>
      `${name.padEnd(20)}${values.map((value) => value.toFixed(digits)).join("   ")}`;
    expect(documentation).toContain(line("effective volumes", volumes, 1));
    expect(documentation).toContain(line("VISION", taskShares(volumes, VISION.shareExponent), 3));
    expect(documentation).toContain(line("VISION_2024", Object.values(vector.vision2024), 3));
    expect(documentation).toContain(line("NINETEEN_2025", Object.values(vector.nineteen2025), 3));
    const four = taskShares([4, 3, 2, 1], VISION.shareExponent).map((share) => share.toFixed(3));
    expect(documentation).toContain(`get ${four.slice(0, 3).join(", ")} and ${four[3]}`);
  });

  it("names the constants of the default parameters", () => {
    const { capacity, average, quality, speed, periodScore: period } = VISION;
    const { bigDraws } = defaultProbingParams;
    for (const text of [
      `F x (1 + ${period.failureSeverity} u) + R x ${1 + period.failureSeverity} u^${period.refusalPower}`,
      `2^(-age / ${average.halfLifeHours} h)`,
      `1 - ${average.newcomerDiscount} x max(0, 1 - hours with an answer / ${average.newcomerHours})`,
      `count in full for ${capacity.fullMemoryHours} h, then fade in a straight line to nothing at ${capacity.memoryHours} h`,
      `mean of the last ${capacity.declaredMeanHours} h`,
      `less ${capacity.missTolerance} of it`,
      `min(1, ${capacity.missSeverity} x M / P)`,
      `((P - M) / (P + M))^${capacity.missPower} x min(1, recently served share / ${capacity.recentFullFraction})`,
      `(half-life ${capacity.recentHalfLifeHours} h)`,
      `headroom = 1 + ${(capacity.headroom - 1).toFixed(2)} x (1 - d)                           ${capacity.headroom} without misses`,
      `trusted = min(1, mean(verdict) + ${quality.forgivenAnswers} / n)`,
      `x trusted^${quality.verdictPower - 1} x`,
      `full volume = ${VISION.fullTaskStreams} x target units per second x 3600`,
      `${bigDraws.hotkeyFraction} of the hotkeys, each at all of its tasks | ${bigDraws.from} to ${bigDraws.to} | ${bigDraws.probabilityPerHour} of the hours`,
      `${bigDraws.from} to ${bigDraws.to} | ${bigDraws.untriedProbabilityPerHour} of the hours`,
      `less than ${bigDraws.triedFraction} was tried lately`,
      `n / (n + ${quality.unsureSamples})`,
      `2^(-age / ${quality.halfLifeHours} h)`,
      `${speed.max} x ratio / (ratio + ${speed.max - 1})`,
      `effective volume^${VISION.shareExponent}`,
    ]) {
      expect(documentation).toContain(text);
    }
  });
});
