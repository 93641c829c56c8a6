import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { findBlockAt, type TimedBlock } from "./read-block-at.js";

function chainOf(timesMs: readonly number[], oldestKept = 1) {
  const reads: number[] = [];
  const read = async (number: number): Promise<TimedBlock | null> => {
    reads.push(number);
    const madeAtMs = timesMs[number - 1];
    return madeAtMs === undefined || number < oldestKept ? null : { number, hash: `0x${number}`, madeAtMs };
  };
  return { reads, find: (unixMs: number) => findBlockAt(unixMs, timesMs.length, read) };
}

const steady = Array.from({ length: 400 }, (_unused, index) => 1_000_000 + index * 12_000);

describe("findBlockAt", () => {
  it("takes two reads for a time within the last block, and few for one an hour ago", async () => {
    const { find, reads } = chainOf(steady);
    expect(await find((steady[399] ?? 0) - 1)).toEqual({ number: 399, hash: "0x399" });
    expect(reads).toEqual([400, 399]);
    reads.length = 0;
    expect(await find((steady[399] ?? 0) - 3_600_000)).toEqual({ number: 100, hash: "0x100" });
    expect(reads.length).toBeLessThan(12);
  });

  it("is the newest block for a time that is not over, and null for one before the first or before what is kept", async () => {
    expect(await chainOf(steady).find(9e12)).toMatchObject({ number: 400 });
    expect(await chainOf(steady).find(999_999)).toBeNull();
    expect(await chainOf(steady, 300).find(steady[200] ?? 0)).toBeNull();
    expect(await chainOf([]).find(1)).toBeNull();
  });

  it("finds the block whatever slots were missed, the same one from whatever newest block it starts", async () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(gaps, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), async (gapsMs, share, later) => {
        let nowMs = 0;
        const timesMs = gapsMs.map((gapMs) => {
          nowMs += gapMs;
          return nowMs;
        });
        const unixMs = Math.round(share * nowMs);
        const count = timesMs.filter((madeAtMs) => madeAtMs <= unixMs).length;
        const expected = count === 0 ? null : { number: count, hash: `0x${count}` };
        expect(await chainOf(timesMs).find(unixMs)).toEqual(expected);
        const more = Array.from({ length: later }, (_unused, index) => nowMs + (index + 1) * 12_000);
        expect(await chainOf([...timesMs, ...more]).find(unixMs)).toEqual(expected);
      }),
    );
  });
});
