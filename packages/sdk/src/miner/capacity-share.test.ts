import { describe, expect, it } from "@jest/globals";
import { planCapacityShare } from "./capacity-share.js";

const tao = 1_000_000_000n;

describe("capacity share", () => {
  it("is by stake among the active", () => {
    const activeStakesRao = [300n * tao, 100n * tao];
    const share = (stakeRao: bigint) => planCapacityShare({ sharing: "among-active", stakeRao, activeStakesRao, permittedStakeRao: 0n });
    expect([share(300n * tao), share(100n * tao)]).toEqual([0.75, 0.25]);
  });

  it("is by stake among all that are allowed when told so", () => {
    const input = { stakeRao: 1n * tao, activeStakesRao: [1n * tao], permittedStakeRao: 10n * tao };
    expect(planCapacityShare({ ...input, sharing: "among-permitted" })).toBeCloseTo(0.1, 9);
    expect(planCapacityShare({ ...input, sharing: "none" })).toBe(1);
  });

  it("is equal where no stake is known", () => {
    const input = { stakeRao: 0n, activeStakesRao: [0n, 0n, 0n], permittedStakeRao: 0n };
    expect(planCapacityShare({ ...input, sharing: "among-active" })).toBeCloseTo(1 / 3, 12);
    expect(planCapacityShare({ ...input, sharing: "among-permitted" })).toBeCloseTo(1 / 3, 12);
  });

  it("keeps its precision at the largest stakes", () => {
    const stakeRao = 21_000_000n * tao;
    const share = planCapacityShare({
      sharing: "among-active",
      stakeRao,
      activeStakesRao: [stakeRao, stakeRao * 2n],
      permittedStakeRao: 0n,
    });
    expect(share).toBeCloseTo(1 / 3, 8);
  });
});
