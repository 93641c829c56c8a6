import { describe, expect, it } from "@jest/globals";
import { findPaymentFaults } from "./find-payment-faults.js";
import { realProfiles } from "./profiles.js";

const miners = realProfiles.map(({ name, description, isHonest }) => ({
  ...{ profile: name, description, isHonest, hotkey: name, uid: 1, trueCapacityFactor: 1, declaredCapacityFactor: 1 },
}));

const faultsOf = (weights: Readonly<Record<string, number>>) => {
  const paid = Object.entries(weights).map(([profile, weight]) => ({
    profile,
    hotkey: profile,
    uid: 1,
    overallScore: weight,
    weight,
    tasks: [],
  }));
  const period = { period: 1, startsAtMs: 0, endsAtMs: 1, seed: "", weightsSetAtBlock: null, tasks: [], miners: paid };
  return findPaymentFaults({ miners, periods: [period] });
};

describe("findPaymentFaults", () => {
  it("finds none where the honest miners share what is paid", () => {
    expect(faultsOf({ "honest-1": 0.6, "honest-2": 0.39, "own-seed": 0.01 })).toEqual([]);
  });

  it("names an honest miner that is left out, and a dishonest one that earns", () => {
    expect(faultsOf({ "honest-1": 0.9, "honest-2": 0.1 })).toEqual(["honest-2 is honest and earns 0.100, less than 0.250."]);
    expect(faultsOf({ "honest-1": 0.45, "honest-2": 0.45, "fewer-bits": 0.1 })).toEqual([
      "fewer-bits is not honest and earns 0.100, more than 0.045.",
    ]);
  });

  it("takes a run that paid nobody, or that had no period, for a fault", () => {
    expect(faultsOf({})).toHaveLength(2);
    expect(findPaymentFaults({ miners, periods: [] })).toEqual(["No period was scored."]);
  });
});
