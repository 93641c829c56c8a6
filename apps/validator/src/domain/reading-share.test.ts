import { describe, expect, it } from "@jest/globals";
import { createReadingShare, freeReadingMs } from "./reading-share.js";

/** Asks whenever it may, for a time; returns how much reading that took. */
function readAllTheTime(
  costMs: number,
  { forMs, atOnce, freeMs }: { readonly forMs: number; readonly atOnce: number; readonly freeMs?: number },
) {
  const share = createReadingShare();
  let nowMs = 0;
  let readMs = 0;
  let count = 0;
  while (nowMs < forMs) {
    const asked: ReturnType<typeof share.start>[] = [];
    while (asked.length < atOnce && share.waitMs("a", nowMs) === 0) asked.push(share.start("a", nowMs));
    for (const ticket of asked) {
      nowMs += costMs;
      readMs += costMs;
      count += 1;
      ticket.end(costMs, nowMs, freeMs);
    }
    nowMs += Math.max(1, share.waitMs("a", nowMs));
  }
  return { fraction: readMs / nowMs, count };
}

describe("createReadingShare", () => {
  it("a miner whose replies cost much took the whole loop: it gets a tenth, however many are asked for at once", () => {
    for (const costMs of [12, 100, 400]) {
      for (const atOnce of [1, 8]) {
        const { fraction, count } = readAllTheTime(costMs, { forMs: 120_000, atOnce });
        expect({ costMs, atOnce, isShared: fraction < 0.13 && fraction > 0.08 && count > 20 }).toEqual({ costMs, atOnce, isShared: true });
      }
    }
  });

  it("regression: replies of nothing that took less than 10 ms each filled the loop: they are free up to 1 ms only", () => {
    const { fraction } = readAllTheTime(4, { forMs: 120_000, atOnce: 8, freeMs: freeReadingMs(0) });
    expect(fraction).toBeLessThan(0.13);
  });

  it("lets a reply take the longer the more it answers, and never less than a token's reading", () => {
    expect([0, 1, 20, 1_000, null].map(freeReadingMs)).toEqual([1, 1.2, 5, 10, 10]);
  });

  it("never lets a miner wait whose replies are cheap to read", () => {
    const share = createReadingShare();
    for (let nowMs = 0; nowMs < 10_000; nowMs += 10) {
      expect({ nowMs, waitMs: share.waitMs("a", nowMs) }).toEqual({ nowMs, waitMs: 0 });
      share.start("a", nowMs).end(9.9, nowMs + 10);
    }
  });

  it("charges no other miner, and forgets in time", () => {
    const share = createReadingShare();
    share.start("a", 0).end(600, 600);
    expect(share.waitMs("a", 600)).toBe(5_000);
    expect(share.waitMs("b", 600)).toBe(0);
    expect(share.waitMs("a", 3_600)).toBe(2_000);
    expect(share.waitMs("a", 5_600)).toBe(0);
  });

  it("one reply that held the loop for minutes does not shut its miner out for hours", () => {
    const share = createReadingShare();
    share.start("a", 0).end(300_000, 300_000);
    expect(share.waitMs("a", 300_000)).toBeLessThanOrEqual(30_000);
  });

  it("lets a miner that became cheap again be asked at its full rate", () => {
    const share = createReadingShare();
    share.start("a", 0).end(50, 50);
    for (let nowMs = 1_000; nowMs < 5_000; nowMs += 1_000) share.start("a", nowMs).end(1, nowMs + 1);
    for (let time = 0; time < 100; time += 1) {
      expect(share.waitMs("a", 6_000)).toBe(0);
      share.start("a", 6_000);
    }
  });
});
