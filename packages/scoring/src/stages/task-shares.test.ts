import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { VISION_2024 } from "../reference-presets/vision-2024.js";
import { VISION } from "../vision.js";
import { taskShares } from "./task-shares.js";

const volumes = fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { minLength: 1, maxLength: 30 });

describe("taskShares", () => {
  it("sums to 1, or is 0 for all", () => {
    expect(taskShares([0, 0], 1.2)).toEqual([0, 0]);
    fc.assert(
      fc.property(volumes, (effective) => {
        const sum = taskShares(effective, VISION.shareExponent).reduce((total, share) => total + share, 0);
        expect(sum).toBeCloseTo(effective.some((each) => each > 0) ? 1 : 0, 9);
      }),
    );
    // Found by a property run: the largest must not underflow.
    expect(taskShares([5e-324], 4)).toEqual([1]);
  });

  it("W-18: splitting a machine over several hotkeys earns less than keeping it whole", () => {
    fc.assert(
      fc.property(volumes, fc.double({ min: 1, max: 1e6, noNaN: true }), fc.integer({ min: 2, max: 16 }), (others, machine, parts) => {
        const whole = taskShares([machine, ...others], VISION.shareExponent)[0] ?? 0;
        const split = taskShares([...Array.from({ length: parts }, () => machine / parts), ...others], VISION.shareExponent)
          .slice(0, parts)
          .reduce((sum, share) => sum + share, 0);
        expect(split).toBeLessThanOrEqual(whole + 1e-12);
      }),
    );
  });

  it("W-18: is not winner-take-most: twice the machine earns hardly more than twice as much", () => {
    const [large = 0, small = 1] = taskShares([2, 1], VISION.shareExponent);
    expect(large / small).toBeCloseTo(2 ** 1.01, 9);
    const [winner = 0, rest = 1] = taskShares([2, 1], VISION_2024.shareExponent);
    expect(winner / rest).toBeCloseTo(8, 9);
  });
});
