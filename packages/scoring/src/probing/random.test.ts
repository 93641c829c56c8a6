import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { createSeededRandom, drawBetween, drawInt } from "./random.js";

describe("createSeededRandom", () => {
  it("is SHA-256 in counter mode, as documented: anyone can draw the same", () => {
    const random = createSeededRandom("seed", ["plan", "alice"]);
    const draws = Array.from({ length: 6 }, () => random.next());
    const expected = [0, 1].flatMap((counter) => {
      const block = createHash("sha256")
        .update(JSON.stringify(["seed", "plan", "alice", counter]))
        .digest();
      return [0, 8, 16, 24].map((at) => Number(block.readBigUInt64BE(at) >> 11n) / 2 ** 53);
    });
    expect(draws).toEqual(expected.slice(0, 6));
  });

  it("keeps giving the same draws from release to release", () => {
    const random = createSeededRandom("00", ["golden"]);
    expect([random.next(), random.next()]).toEqual([0.6254945536825313, 0.9027484650389604]);
  });

  it("gives independent streams for different labels, also where their texts run together", () => {
    const draws = [["a", "b"], ["ab"], ["a", "b", ""], ["b", "a"]].map((labels) => createSeededRandom("s", labels).next());
    expect(new Set(draws).size).toBe(4);
  });

  it("draws evenly and within the bounds", () => {
    const random = createSeededRandom("even", []);
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 8_000; draw += 1) {
      const value = drawInt(random, 3, 6);
      counts[value - 3] = (counts[value - 3] ?? 0) + 1;
      const between = drawBetween(random, -1, 1);
      expect(between >= -1 && between < 1).toBe(true);
    }
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });
});
