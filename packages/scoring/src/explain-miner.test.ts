import { describe, expect, it } from "@jest/globals";
import { makeSamples, makeSeries, makeTally, targets } from "../test/make-series.js";
import { explainMiner } from "./explain-miner.js";
import { scoreEpoch } from "./score-epoch.js";

const epoch = { period: 100, periodsPerHour: 1, targets, taskWeights: { "chat-tiny": 1 } };

describe("explainMiner", () => {
  it("says in words and with units why a miner got its weight", () => {
    const caught = makeSeries({
      hotkey: "over",
      declaredCapacityPerHour: 10_000,
      periods: [makeTally(100, { declared: 10_000, served: 1000, rateLimited: 4000 })],
    });
    const text = explainMiner(scoreEpoch({ ...epoch, series: [makeSeries(), caught] }), "over");
    expect(text).toContain("rank 2 of 2 (period 100, parameters VISION)");
    expect(text).toContain("50 requests over 1 period: 10 ok, 40 rate limited, 0 failed");
    expect(text).toContain("declared 10,000 units/hour");
    expect(text).toContain("What cost it most here: capacity that is declared but not credited.");
    expect(text.split("\n").length).toBeGreaterThan(5);
  });

  it("said that a task's whole reward was paid where little of it was", () => {
    const report = scoreEpoch({ ...epoch, series: [makeSeries()] });
    const [task] = report.tasks;
    expect(task?.paidFraction).toBeLessThan(1);
    const hotkey = report.miners[0]?.hotkey ?? "";
    expect(explainMiner(report, hotkey)).toContain("chat-tiny, 100.0 % of the reward (0.03 % of it paid, for what is served), 1 miner:");
  });

  it("names wrong answers, dead miners and odd values", () => {
    const series = [
      makeSeries({ hotkey: "cheap", samples: makeSamples([100, 100], 0.1) }),
      makeSeries({ hotkey: "odd", declaredCapacityPerHour: Number.NaN, samples: [], periods: [] }),
    ];
    const report = scoreEpoch({ ...epoch, series });
    expect(explainMiner(report, "cheap")).toContain("What cost it most here: answers that did not match the reference.");
    expect(explainMiner(report, "odd")).toContain("chat-tiny: declared capacity was NaN, counted as 0.");
    expect(explainMiner(report, "odd")).toContain("no answer was checked yet");
    expect(explainMiner(report, "nobody")).toBe("nobody was not observed up to period 100, so it has no weight.");
  });

  it("says how the hours look where a few of them hold most of the checks", () => {
    const large = makeSamples(Array.from({ length: 24 }, () => 90));
    const series = [makeSeries({ samples: [...large, ...makeSamples([98, 99, 100], 0)] })];
    const text = explainMiner(scoreEpoch({ ...epoch, series }), "miner-a");
    expect(text).toMatch(/mean verdict 8\d\.\d % \(20\.\d % where every hour counts once\)/);
    expect(text).toContain("What cost it most here: answers that did not match the reference.");
    expect(explainMiner(scoreEpoch({ ...epoch, series: [makeSeries()] }), "miner-a")).not.toContain("every hour");
  });

  it("blamed answers that did not match the reference on a miner without a single check", () => {
    const unchecked = makeSeries({ hotkey: "new", samples: [] });
    const text = explainMiner(scoreEpoch({ ...epoch, series: [unchecked] }), "new");
    expect(text).toContain("What cost it most here: that none of its answers has been checked yet.");
    expect(text).not.toContain("did not match");
    expect(text).not.toContain("slow");
  });

  it("tells what was found in its newest faulty answers", () => {
    const samples = makeSamples([98, 99, 100], 0).map((sample) => ({
      ...sample,
      reasons: [`5 of ${sample.period} tokens are not what the seed gives`],
    }));
    const text = explainMiner(scoreEpoch({ ...epoch, series: [makeSeries({ hotkey: "cheap", samples })] }), "cheap");
    expect(text).toContain("Found in an answer of period 100, verdict 0.0 %: 5 of 100 tokens are not what the seed gives.");
  });

  it("says how many of its answers wait to be checked, and nothing where none does", () => {
    const { periods } = makeSeries();
    const waiting = makeSeries({ hotkey: "new", periods: periods.map((each) => ({ ...each, checkedCount: 0, waitingCount: 2 })) });
    const text = explainMiner(scoreEpoch({ ...epoch, series: [waiting] }), "new");
    expect(text).toContain("20 answers still to be checked: until then their periods prove only what was proven before, and cost nothing.");
    expect(explainMiner(scoreEpoch({ ...epoch, series: [makeSeries({ hotkey: "new" })] }), "new")).not.toContain("still to be checked");
  });
});
