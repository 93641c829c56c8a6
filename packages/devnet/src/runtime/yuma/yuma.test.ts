import { describe, expect, it } from "@jest/globals";
import { runYuma, selectPermits, type U16Cell, type YumaNeuron, type YumaParameters } from "./yuma.js";

const rao = 1_000_000_000n;

function neuron(stakeTao: bigint, weights: readonly U16Cell[] = [], bonds: readonly U16Cell[] = []): YumaNeuron {
  return {
    stake: (stakeTao * rao) << 64n,
    lastUpdateBlock: 90n,
    registeredAtBlock: 0n,
    hasPermit: stakeTao > 0n,
    weights,
    bonds,
    commitBlock: null,
  };
}

const parameters: YumaParameters = {
  currentBlock: 100n,
  tempoBlocks: 10n,
  activityCutoffBlocks: 50n,
  lastStepBlock: 90n,
  stakeThresholdRao: 0n,
  ownerUid: null,
  maxValidators: 2,
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAverage: 900_000n,
  isYuma3: true,
  emissionRao: 1_000_000n,
};

describe("runYuma", () => {
  it("pays two agreeing validators by stake and two miners by weight (worked by hand)", () => {
    const weights: readonly U16Cell[] = [
      [2, 21_845],
      [3, 65_535],
    ];
    const outcomes = runYuma([neuron(75n, weights), neuron(25n, weights), neuron(0n), neuron(0n)], parameters);
    // Weights 1/4 and 3/4 both agreed on; incentive is the same shares, half of the emission each side.
    expect(outcomes.map(({ incentiveU16 }) => incentiveU16)).toEqual([0, 0, 16_383, 49_151]);
    expect(outcomes.map(({ dividendsU16 }) => dividendsU16)).toEqual([49_151, 16_383, 0, 0]);
    expect(outcomes.map(({ consensusU16 }) => consensusU16)).toEqual([0, 0, 16_383, 49_151]);
    expect(outcomes.map(({ serverEmissionRao }) => serverEmissionRao)).toEqual([0n, 0n, 125_000n, 375_000n]);
    expect(outcomes.map(({ hasPermit }) => hasPermit)).toEqual([true, true, false, false]);
    // Fresh bonds: a tenth of the clipped weights.
    expect(outcomes[0]?.bonds).toEqual([
      [2, 1638],
      [3, 4915],
    ]);
  });

  it("clips what a minority of stake says to what the majority does", () => {
    const honest: readonly U16Cell[] = [[2, 65_535]];
    const selfish: readonly U16Cell[] = [[3, 65_535]];
    const outcomes = runYuma([neuron(80n, honest), neuron(20n, selfish), neuron(0n), neuron(0n)], parameters);
    expect(outcomes.map(({ incentiveU16 }) => incentiveU16)).toEqual([0, 0, 65_535, 0]);
    expect(outcomes.map(({ dividendsU16 }) => dividendsU16)).toEqual([65_535, 0, 0, 0]);
    expect(outcomes.map(({ validatorTrustU16 }) => validatorTrustU16)).toEqual([65_535, 0, 0, 0]);
  });

  it("ignores weights on neurons that registered after the validator's update", () => {
    const weights: readonly U16Cell[] = [
      [1, 65_535],
      [2, 65_535],
    ];
    const outcomes = runYuma([neuron(10n, weights), neuron(0n), { ...neuron(0n), registeredAtBlock: 90n }], parameters);
    expect(outcomes.map(({ incentiveU16 }) => incentiveU16)).toEqual([0, 65_535, 0]);
  });

  it("ignores weights on neurons that registered after a hidden commit", () => {
    const validator = {
      ...neuron(10n, [
        [1, 1],
        [2, 1],
      ]),
      commitBlock: 40n,
    };
    const outcomes = runYuma([validator, neuron(0n), { ...neuron(0n), registeredAtBlock: 50n }], parameters);
    expect(outcomes.map(({ incentiveU16 }) => incentiveU16)).toEqual([0, 65_535, 0]);
  });

  it("leaves out validators that were idle longer than the cutoff", () => {
    const idle = { ...neuron(90n, [[2, 1]]), lastUpdateBlock: 49n };
    const outcomes = runYuma([idle, neuron(10n, [[3, 1]]), neuron(0n), neuron(0n)], parameters);
    expect(outcomes.map(({ isActive }) => isActive)).toEqual([false, true, true, true]);
    expect(outcomes.map(({ incentiveU16 }) => incentiveU16)).toEqual([0, 0, 0, 65_535]);
  });

  it("counts no weight of a validator on itself, but the owner's", () => {
    const weights: readonly U16Cell[] = [
      [0, 65_535],
      [1, 65_535],
    ];
    expect(runYuma([neuron(1n, weights), neuron(0n)], parameters).map(({ incentiveU16 }) => incentiveU16)).toEqual([0, 65_535]);
    const owned = runYuma([neuron(1n, weights), neuron(0n)], { ...parameters, ownerUid: 0 });
    expect(owned.map(({ incentiveU16 }) => incentiveU16)).toEqual([32_767, 32_767]);
  });

  it("counts no stake below the threshold", () => {
    const outcomes = runYuma([neuron(9n, [[2, 1]]), neuron(11n, [[3, 1]]), neuron(0n), neuron(0n)], {
      ...parameters,
      stakeThresholdRao: 10n * rao,
    });
    expect(outcomes.map(({ stakeWeightU16 }) => stakeWeightU16)).toEqual([0, 65_535, 0, 0]);
    expect(outcomes.map(({ hasPermit }) => hasPermit)).toEqual([false, true, false, false]);
    // A permit that is lost takes the bonds with it; who never had one keeps what is stored.
    expect(outcomes.map(({ bonds }) => bonds)).toEqual([[], expect.anything(), null, null]);
  });

  it("pays validators by stake when nobody set weights", () => {
    const outcomes = runYuma([neuron(3n), neuron(1n), neuron(0n)], parameters);
    expect(outcomes.map(({ validatorEmissionRao }) => validatorEmissionRao)).toEqual([750_000n, 250_000n, 0n]);
    expect(outcomes.map(({ serverEmissionRao }) => serverEmissionRao)).toEqual([0n, 0n, 0n]);
  });

  it("keeps nine tenths of old bonds, and upscales them in the older form", () => {
    const inputs = [neuron(1n, [[2, 1]], [[2, 65_535]]), neuron(1n, [[2, 1]]), neuron(0n)];
    const newer = runYuma(inputs, parameters);
    expect([newer[0]?.bonds, newer[1]?.bonds]).toEqual([[[2, 65_535]], [[2, 6553]]]);
    const older = runYuma(inputs, { ...parameters, isYuma3: false });
    // Bonds 0.95 and 0.05 of the column, the larger scaled to 65535.
    expect([older[0]?.bonds, older[1]?.bonds]).toEqual([[[2, 65_535]], [[2, 3449]]]);
    expect(older.map(({ dividendsU16 }) => dividendsU16)).toEqual([62_258, 3276, 0]);
  });

  it("never pays more than there is, whatever the weights", () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed;
    };
    for (let round = 0; round < 25; round += 1) {
      const count = 3 + (random() % 12);
      const neurons = Array.from({ length: count }, (_, uid) =>
        neuron(
          uid % 3 === 0 ? BigInt(random() % 1000) : 0n,
          Array.from({ length: count }, (_unused, target) => [target, random() % 65_536] as const),
        ),
      );
      const outcomes = runYuma(neurons, { ...parameters, maxValidators: 64, isYuma3: round % 2 === 0 });
      const paid = outcomes.reduce((sum, each) => sum + each.serverEmissionRao + each.validatorEmissionRao, 0n);
      expect({ round, isWithin: paid <= parameters.emissionRao }).toEqual({ round, isWithin: true });
      expect({ round, incentive: outcomes.reduce((sum, each) => sum + each.incentiveU16, 0) <= 65_535 }).toEqual({
        round,
        incentive: true,
      });
    }
  });
});

describe("selectPermits", () => {
  it("takes the largest, the higher uid among equals, and never one without stake", () => {
    expect(selectPermits([5n, 5n, 0n, 5n], 2)).toEqual([false, true, false, true]);
    expect(selectPermits([0n, 0n, 1n], 3)).toEqual([false, false, true]);
  });
});
