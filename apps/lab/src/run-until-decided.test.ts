import { expect, it } from "@jest/globals";
import type { StrategyResult } from "./evaluate.js";
import { runUntilDecided } from "./run-until-decided.js";
import type { LabJob } from "./worker.js";
import { defaultWorld } from "./world.js";

const incomes = new Map<string, Partial<StrategyResult> & { readonly mean: number; readonly marginOfOne: number }>([
  ["far below", { mean: 0.5, marginOfOne: 0.2 }],
  ["reaches above", { mean: 0.95, marginOfOne: 0.2 }],
  ["reaches below", { mean: 1.1, marginOfOne: 0.2 }],
  ["far above", { mean: 2, marginOfOne: 0.2 }],
  ["honest", { mean: 1, marginOfOne: 0.2, kind: "honest" }],
  ["out of reach", { mean: 1, marginOfOne: 0.2, isOutOfReach: true }],
]);

function resultOf({ strategy, seeds }: LabJob): StrategyResult {
  const { mean = 0, marginOfOne = 0, ...changes } = incomes.get(strategy) ?? {};
  const estimate = { mean, margin: marginOfOne / Math.sqrt(seeds.length) };
  return {
    ...{ strategy, description: "", kind: "attack", isOutOfReach: false, world: defaultWorld, seeds: seeds.length },
    ...{ againstTwin: estimate, income: estimate, bystanders: estimate, hoursToConverge: 1, probedFraction: 0 },
    ...changes,
  };
}

it("tries on more seeds what its interval leaves open, and nothing else", async () => {
  const jobs = [...incomes.keys()].map((strategy) => ({ strategy, seeds: [1], world: {} }));
  const runs: (readonly string[])[] = [];
  const run = async (some: readonly LabJob[]) => {
    runs.push(some.map(({ strategy }) => strategy));
    return some.map(resultOf);
  };
  const seedsOf = (results: readonly StrategyResult[]) => results.map(({ strategy, seeds }) => [strategy, seeds]);
  expect(seedsOf(await runUntilDecided(jobs, [1, 2, 3, 4], run))).toEqual([
    ["far below", 1],
    ["reaches above", 4],
    ["reaches below", 4],
    ["far above", 1],
    ["honest", 1],
    ["out of reach", 1],
  ]);
  expect(runs).toEqual([[...incomes.keys()], ["reaches above", "reaches below"]]);
  expect(seedsOf(await runUntilDecided(jobs, [1], run)).map(([, seeds]) => seeds)).toEqual([1, 1, 1, 1, 1, 1]);
});
