import { describe, expect, it } from "@jest/globals";
import { evaluateStrategy, type SubnetCache } from "./evaluate.js";
import { incomeByWorth } from "./population.js";
import { isWithinBound } from "./render.js";
import { strategies } from "./strategies/index.js";
import { defaultWorld } from "./world.js";

const seeds = [1, 2, 3, 4];
const world = { miners: 6 };

/** One strategy or two of each kind; `npm run lab` tries all of them. */
const table = [
  ...["over-1.05x", "over-1.25x", "over-10x", "over-1.1x-junk", "over-10x-junk", "over-10x-fail"],
  ...["hotkeys-2", "hotkeys-5", "hotkeys-2-junk", "tasks-2", "validators-2", "split-2", "merged-5"],
  ...["wrong-on-one-of-two", "junk-in-big-hours", "present-when-it-counts", "away-every-other-hour"],
  ...["claims-when-weights-are-set", "lonely-task-tiny", "cheap-80-at-0.5"],
];

/** Named in docs/scoring.md under "What stays open"; with 40 seeds they earn 1.045 +- 0.014 and 1.059 +- 0.021. */
const knownExceptions = ["over-10x-stall", "hotkeys-2-favourite"];

describe("strategies in a small subnet without users", () => {
  const cache: SubnetCache = new Map();
  const incomeOf = (name: string) => {
    const strategy = strategies.find((one) => one.name === name);
    if (strategy === undefined) throw new Error(`There is no strategy ${name}.`);
    return evaluateStrategy(strategy, { seeds, world, cache });
  };

  it("none of the table earns more than 1.05 of honest income, its 95 % interval included", () => {
    const beyond = table.map(incomeOf).filter((result) => !isWithinBound(result));
    expect(beyond.map(({ strategy, income }) => [strategy, income])).toEqual([]);
  });

  it("the known exceptions earn no more than 1.06 in the mean; few seeds leave their intervals wide", () => {
    const beyond = knownExceptions.map(incomeOf).filter(({ income }) => income.mean > 1.06);
    expect(beyond.map(({ strategy, income }) => [strategy, income])).toEqual([]);
  });

  it("junk in place of ten times the capacity, which once paid 13 times, loses nearly all", () => {
    expect(incomeOf("over-10x-junk").income.mean).toBeLessThan(0.1);
  });
});

describe("64 honest miners that differ in all that counts", () => {
  it("are paid in the order of capacity x quality x speed", () => {
    expect(incomeByWorth({ ...defaultWorld, miners: 64 }, 1)).toBeGreaterThan(0.97);
  });
});
