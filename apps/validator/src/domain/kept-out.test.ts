import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createKeptOut } from "./kept-out.js";

describe("createKeptOut", () => {
  it("counts one request for each typical answer's time that a late one held its slot while the plan waited", () => {
    const kept = createKeptOut(1_000);
    const request = kept.sent(0);
    kept.setWaiting(true, 500);
    kept.ended(request, { durationMs: 4_500, targetMs: 1_000 }, 4_500);
    expect(kept.count()).toBe(3);
  });

  it("counts nothing while nothing waited, nor for what was not the miner's", () => {
    const kept = createKeptOut(1_000);
    const first = kept.sent(0);
    kept.ended(first, { durationMs: 60_000, targetMs: 1_000 }, 60_000);
    kept.setWaiting(true, 60_000);
    kept.ended(kept.sent(60_000), null, 90_000);
    expect(kept.count()).toBe(0);
  });

  it("counts nothing for a request that has not ended", () => {
    const kept = createKeptOut(1_000);
    kept.setWaiting(true, 0);
    kept.sent(0);
    kept.setWaiting(false, 60_000);
    expect(kept.count()).toBe(0);
  });

  it("never counts against a miner at its target or above, nor more than its slots could have done", () => {
    const request = fc.record({
      atMs: fc.integer({ min: 0, max: 60_000 }),
      targetMs: fc.integer({ min: 1, max: 8_000 }),
      pace: fc.double({ min: 0.1, max: 3, noNaN: true }),
      isWaiting: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), fc.boolean(), (requests, isFast) => {
        const kept = createKeptOut(1_000);
        const events = requests.flatMap(({ atMs, targetMs, pace, isWaiting }) => {
          const durationMs = targetMs / (isFast ? Math.max(1, pace) : pace);
          let sent: ReturnType<typeof kept.sent> | null = null;
          const start = () => {
            sent = kept.sent(atMs);
            kept.setWaiting(isWaiting, atMs);
          };
          const end = () => sent !== null && kept.ended(sent, { durationMs, targetMs }, atMs + durationMs);
          return [
            { atMs, order: 0, run: start },
            { atMs: atMs + durationMs, order: 1, run: end },
          ];
        });
        events.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
        for (const event of events) event.run();
        const heldMs = events.length === 0 ? 0 : requests.reduce((sum, { targetMs, pace }) => sum + targetMs / pace, 0);
        if (isFast) expect(kept.count()).toBe(0);
        else expect(kept.count()).toBeLessThanOrEqual(heldMs / 1_000);
      }),
    );
  });
});
