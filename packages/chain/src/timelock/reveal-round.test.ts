import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { readFixture } from "../../test/fixtures/read-fixture.js";
import { quicknet } from "./drand.js";
import {
  nextModuloEpochBlock,
  nextStatefulEpochBlock,
  revealBlockOfModuloEpochs,
  revealBlockOfStatefulEpochs,
  roundAtBlock,
} from "./reveal-round.js";

const fixture = readFixture(
  "timelock",
  z.object({
    targets: z.array(
      z.object({
        lastEpochBlock: z.number(),
        pendingEpochBlock: z.number(),
        tempoBlocks: z.number(),
        blockNumber: z.number(),
        revealPeriodEpochs: z.number(),
        targetBlock: z.number(),
      }),
    ),
  }),
);

describe("revealBlockOfStatefulEpochs", () => {
  it.each(fixture.targets)("aims at the block that the Python package aims at: $blockNumber -> $targetBlock", (target) => {
    const nextEpochBlock = nextStatefulEpochBlock(target);
    expect(revealBlockOfStatefulEpochs({ ...target, nextEpochBlock })).toBe(target.targetBlock);
  });
});

describe("modulo epochs", () => {
  it("end when block + netuid + 1 is divisible by tempo + 1", () => {
    const next = nextModuloEpochBlock(1000, 5, 360);
    expect((next + 5 + 1) % 361).toBe(0);
    expect(next).toBeGreaterThan(1000);
    expect(next - 1000).toBeLessThanOrEqual(361);
    expect(nextModuloEpochBlock(next, 5, 360)).toBe(next + 361);
  });

  it("reveal three blocks into the reveal epoch", () => {
    const epochs = { blockNumber: 1000, netuid: 5, tempoBlocks: 360 };
    expect(revealBlockOfModuloEpochs({ ...epochs, revealPeriodEpochs: 1 })).toBe(nextModuloEpochBlock(1000, 5, 360) + 3);
    expect(revealBlockOfModuloEpochs({ ...epochs, revealPeriodEpochs: 3 })).toBe(nextModuloEpochBlock(1000, 5, 360) + 2 * 361 + 3);
  });
});

describe("roundAtBlock", () => {
  it("is the round that is out when the block is made", () => {
    const nowSeconds = quicknet.genesisSeconds + 30_000;
    expect(roundAtBlock(1010, { blockNumber: 1000, nowSeconds })).toBe(10_000 + 40);
    expect(roundAtBlock(1010, { blockNumber: 1000, nowSeconds, blockSeconds: 0.25 })).toBe(10_000);
  });
});
