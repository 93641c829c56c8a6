import { describe, expect, it } from "@jest/globals";
import { runEpochs } from "./run-epochs.js";
import { evaluateValidators } from "./validator-trust.js";
import { defaultWorld } from "./world.js";

const U16 = 65_535;

describe("epochs of the chain over weights of the lab", () => {
  const trustOf = (stakes: readonly number[], rows: readonly (readonly number[])[]) =>
    runEpochs(stakes, [rows])[0]?.map(({ validatorTrustU16 }) => Math.round((100 * validatorTrustU16) / U16) / 100);

  it("trusts who agrees, whatever the scale of the weights", () => {
    expect(
      trustOf(
        [1, 1, 1],
        [
          [1, 3],
          [0.1, 0.3],
          [25, 75],
        ],
      ),
    ).toEqual([1, 1, 1]);
  });

  it("keeps of a minority's weights what the majority gives too", () => {
    expect(
      trustOf(
        [1, 1, 1],
        [
          [0.5, 0.5, 0],
          [0.5, 0.5, 0],
          [0.2, 0.2, 0.6],
        ],
      ),
    ).toEqual([1, 1, 0.4]);
  });

  it("pays who parted from the others less for as long as bonds remember", () => {
    const agreed = [
      [1, 1],
      [1, 1],
      [1, 1],
    ];
    const parted = [
      [1, 1],
      [1, 1],
      [1, 0],
    ];
    const [, , after] = runEpochs([1, 1, 1], [agreed, parted, agreed]);
    expect(after?.[2]?.validatorTrustU16).toBe(after?.[0]?.validatorTrustU16);
    expect(after?.[2]?.dividendsU16 ?? U16).toBeLessThan(after?.[0]?.dividendsU16 ?? 0);
  });
});

describe("validators of an honest subnet", () => {
  const results = evaluateValidators({ ...defaultWorld, miners: 6, hours: 72 }, [1, 2]);
  const of = (bench: string) => results.filter((result) => result.bench === bench);

  it("is trusted in full where it is alone, and paid what its stake is worth", () => {
    const [alone, ...others] = of("one");
    expect(others).toEqual([]);
    expect(alone?.lowestTrust).toBeGreaterThan(0.9999);
    expect(alone?.dividendsPerStake).toBeCloseTo(1, 3);
  });

  it("agree where there are three, though each asks and checks for itself", () => {
    for (const { trust, dividendsPerStake } of of("three")) {
      expect(trust).toBeGreaterThan(0.95);
      expect(trust).toBeLessThan(1);
      expect(Math.abs(dividendsPerStake - 1)).toBeLessThan(0.02);
    }
    expect(of("three of unequal stake")[0]?.lowestTrust).toBeGreaterThan(0.9999);
  });

  it("earn less by a favour for one miner, even with 45 % of the stake", () => {
    const [first, second, favouring] = of("one favours a miner");
    expect(favouring?.trust).toBeLessThan(Math.min(first?.trust ?? 0, second?.trust ?? 0));
    expect(favouring?.dividendsPerStake).toBeLessThan(0.99);
    expect(Math.min(first?.dividendsPerStake ?? 0, second?.dividendsPerStake ?? 0)).toBeGreaterThan(1);
  });
});
