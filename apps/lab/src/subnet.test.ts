import { describe, expect, it } from "@jest/globals";
import { scoreEpoch, VISION } from "@vision/scoring";
import { effectiveVolumes, observationsOf } from "./effective-volumes.js";
import { evaluateStrategy } from "./evaluate.js";
import { honest } from "./strategies/honest.js";
import { strategies } from "./strategies/index.js";
import { createSubnet, incomes, runHonestSelf, scoredHours } from "./subnet.js";
import { defaultWorld } from "./world.js";

const world = { ...defaultWorld, miners: 4, hours: 48, validators: 2, users: 0.2, taskIds: ["chat-tiny", "image-tiny"] };

describe("a simulated subnet", () => {
  it("scores operators one by one exactly as the validator scores them all together", () => {
    const subnet = createSubnet(world, 7);
    const all = [...subnet.miners, runHonestSelf(subnet)];
    const records = new Map(all.map(({ record }, index) => [`operator-${index}`, record]));
    const rows = incomes(subnet, all.at(-1) ?? runHonestSelf(subnet));
    for (const hour of [0, 24, 45]) {
      const byValidator = [0, 1].map((validator) => scoreEpoch(observationsOf(records, { world, validator, hour }), VISION).miners);
      const alone = [...records.values()].map((record) => effectiveVolumes(record, world, hour));
      for (const [validator, miners] of byValidator.entries()) {
        const together = miners.flatMap(({ tasks }) => tasks.map(({ effectiveVolume }) => effectiveVolume)).sort((a, b) => a - b);
        const apart = alone.flat().filter((volume) => volume.validator === validator);
        expect(apart.map(({ effectiveVolume }) => effectiveVolume).sort((a, b) => a - b)).toEqual(together);
      }
      const whole = all.map((_, index) => {
        const overall = byValidator.map((miners) => miners.find(({ hotkey }) => hotkey === `operator-${index} own`)?.overallScore ?? 0);
        const totals = byValidator.map((miners) => miners.reduce((sum, miner) => sum + miner.overallScore, 0));
        return overall.reduce((sum, score, validator) => sum + score / (totals[validator] ?? 1) / 2, 0);
      });
      const row = rows[scoredHours(world).indexOf(hour)] ?? [];
      for (const [index, income] of row.entries()) expect(income).toBeCloseTo(whole[index] ?? Number.NaN, 9);
    }
  });

  it("comes out the same for the same seed, and pays an honest strategy what honest work is paid", () => {
    const options = { seeds: [1, 2], world };
    const result = evaluateStrategy(honest, options);
    expect(result.income).toEqual({ mean: 1, margin: 0 });
    expect(evaluateStrategy(honest, options)).toEqual(result);
  });

  it("has at least forty strategies, each with a name of its own that says what it does", () => {
    expect(new Set(strategies.map(({ name }) => name)).size).toBe(strategies.length);
    expect(strategies.length).toBeGreaterThanOrEqual(40);
    for (const { description } of strategies) expect(description.length).toBeGreaterThan(10);
  });
});
