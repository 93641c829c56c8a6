import { describe, expect, it } from "@jest/globals";
import { evaluateStrategy, type SubnetCache } from "./evaluate.js";
import { evaluatePopulation, incomeByWorth } from "./population.js";
import { isWithinBound } from "./render.js";
import { honest } from "./strategies/honest.js";
import { strategies } from "./strategies/index.js";
import { incomes, runOperator, type ScoredOperator } from "./subnet.js";
import { defaultWorld } from "./world.js";

const seeds = [1, 2, 3, 4];
const world = { miners: 6 };

/** One strategy or two of each kind; `npm run lab` tries all of them. */
const table = [
  ...["over-1.05x", "over-1.25x", "over-10x", "over-1.1x-junk", "over-10x-junk", "over-10x-fail", "over-1.25x-stall", "over-10x-stall"],
  ...["hotkeys-2", "hotkeys-5", "hotkeys-2-junk", "tasks-2", "validators-2", "split-2", "merged-5"],
  ...["wrong-on-one-of-two", "junk-in-big-hours", "present-when-it-counts", "away-every-other-hour"],
  ...["claims-when-weights-are-set", "lonely-task-tiny", "cheap-80-at-0.5"],
];

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

  it("keeping the overflow waiting earns no more than refusing it: what a plan could not send because of it counts as refused", () => {
    expect(incomeOf("over-1.25x-stall").income.mean).toBeCloseTo(incomeOf("over-1.25x").income.mean, 1);
  });

  it("junk in place of ten times the capacity, which once paid 13 times, loses nearly all", () => {
    expect(incomeOf("over-10x-junk").income.mean).toBeLessThan(0.1);
  });
});

describe("strategies beside three validators", () => {
  it("regression: junk in all hours but those of large draws paid a fifth more than honest work, where each validator asks little", () => {
    const strategy = strategies.find(({ name }) => name === "junk-in-small-hours");
    if (strategy === undefined) throw new Error("The strategy is missing.");
    const { income } = evaluateStrategy(strategy, { seeds, world: { miners: 3, validators: 3 } });
    expect(income.mean + income.margin).toBeLessThan(0.8);
  });
});

describe("strategies among three miners", () => {
  const cache: SubnetCache = new Map();
  const seedsOfFew = Array.from({ length: 12 }, (_, index) => index + 1);
  const incomeOf = (name: string, users = 0) => {
    const strategy = strategies.find((one) => one.name === name);
    if (strategy === undefined) throw new Error(`There is no strategy ${name}.`);
    return evaluateStrategy(strategy, { seeds: seedsOfFew, world: { miners: 3, users }, cache });
  };

  it("a favourite among two hotkeys of one machine, and being there in one hour of three, earn no more than 1.05, interval included", () => {
    const beyond = ["hotkeys-2-favourite", "present-when-it-counts"].map((name) => incomeOf(name)).filter((one) => !isWithinBound(one));
    expect(beyond.map(({ strategy, income }) => [strategy, income])).toEqual([]);
  });

  it("regression: an hour of failures a week took a third of an honest miner's pay where users came", () => {
    expect(incomeOf("honest-outage", 0.25).income.mean).toBeGreaterThan(0.95);
  });
});

describe("where the checks of an hour wait up to six hours", () => {
  const cache: SubnetCache = new Map();

  it("regression: made-up answers were paid until they were judged, and a new hotkey before that was paid for good", () => {
    const beyond = strategies
      .filter(({ world: own }) => (own?.checksWaitHours ?? 0) > 0)
      .map((strategy) => evaluateStrategy(strategy, { seeds, world, cache }))
      .filter((result) => !isWithinBound(result));
    expect(beyond.map(({ strategy, income }) => [strategy, income])).toEqual([]);
  });

  it("regression: a fresh validator whose checker is late believed ten times the capacity by its first few verdicts", () => {
    const strategy = strategies.find(({ name }) => name === "over-10x-junk");
    if (strategy === undefined) throw new Error("The strategy is missing.");
    const many = Array.from({ length: 20 }, (_, index) => index + 1);
    const fresh = evaluateStrategy(strategy, { seeds: many, world: { ...world, hours: 10, checksWaitHours: 20 } });
    expect(fresh.income.mean).toBeLessThan(0.1);
  });

  it("miners whose answers are right are paid what they are paid where nothing waits, once they are known", () => {
    const right = { ...honest, answer: () => ({ passFraction: 1 }) };
    const [onTime = [], late = []] = [0, 6].map((checksWaitHours) => {
      const own = { ...defaultWorld, ...world, checksWaitHours };
      const operators = [0.5, 1, 1, 2, 4].map((size, index) =>
        runOperator({ strategy: right, world: own, seed: 1, name: `right-${index}`, size, userFactor: 1 }),
      );
      return incomes({ world: own, miners: operators.slice(1) }, operators[0] as ScoredOperator).slice(12);
    });
    const moves = onTime.flatMap((row, at) => row.map((income, owner) => Math.abs((late[at]?.[owner] ?? 0) / income - 1)));
    expect(moves.length).toBe(5 * 68);
    expect(Math.max(...moves)).toBeLessThan(0.01);
  });
});

describe("64 honest miners that differ in all that counts", () => {
  it("are paid in the order of capacity x quality x speed", () => {
    expect(incomeByWorth({ ...defaultWorld, miners: 64 }, 1)).toBeGreaterThan(0.97);
  });
});

describe("honest miners of a fresh validator", () => {
  it("are known by 0.9 of their volume within eight hours, and two validators agree by 0.95 from hour 12 on", () => {
    const population = evaluatePopulation({ ...defaultWorld, miners: 8, validators: 2, hours: 96 }, [1, 2]);
    expect(population.validatorsAgree).toBeGreaterThan(0.95);
    expect(population.hoursToTrueVolume).toBeLessThanOrEqual(8);
  });

  it.each([
    [5, 0.1],
    [20, 0.08],
    [1000, 0.08],
  ])("with machines of %d requests an hour are probed with no more than %d of what they declare", (requestsPerHour, most) => {
    const { probedFraction } = evaluateStrategy(honest, { seeds: [1, 2], world: { miners: 3, requestsPerHour } });
    expect(probedFraction).toBeGreaterThan(0.03);
    expect(probedFraction).toBeLessThanOrEqual(most);
  });
});
