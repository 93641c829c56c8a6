import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { planNextPeriod } from "./period.js";

const hour = 3_600_000;
const minute = 60_000;

describe("planNextPeriod", () => {
  it("starts with 1 and counts by one, however long the survey between two periods took", () => {
    expect(planNextPeriod({ newest: null, nowMs: 50, periodMs: hour })).toEqual({
      period: 1,
      startsAtMs: 50,
      endsAtMs: hour,
      boundaryMs: 0,
    });
    const next = planNextPeriod({ newest: { period: 4, endsAtMs: hour }, nowMs: hour + 11_000, periodMs: hour });
    expect(next).toEqual({ period: 5, startsAtMs: hour + 11_000, endsAtMs: 2 * hour, boundaryMs: hour });
  });

  it("begins where the period before it ended, when it follows at once", () => {
    const next = planNextPeriod({ newest: { period: 4, endsAtMs: hour }, nowMs: hour + 9_000, periodMs: hour });
    expect(next).toEqual({ period: 5, startsAtMs: hour, endsAtMs: 2 * hour, boundaryMs: hour });
    const short = planNextPeriod({ newest: { period: 4, endsAtMs: 20_000 }, nowMs: 22_000, periodMs: 20_000 });
    expect(short).toEqual({ period: 5, startsAtMs: 22_000, endsAtMs: 40_000, boundaryMs: 20_000 });
  });

  it("ends at the next multiple, or the one after it where less than half of a length would be left", () => {
    expect(planNextPeriod({ newest: null, nowMs: 20 * minute, periodMs: hour }).endsAtMs).toBe(hour);
    expect(planNextPeriod({ newest: null, nowMs: 30 * minute, periodMs: hour }).endsAtMs).toBe(hour);
    expect(planNextPeriod({ newest: null, nowMs: 31 * minute, periodMs: hour }).endsAtMs).toBe(2 * hour);
  });

  it("counts the gaps of an outage, and never repeats a number when the clock goes back", () => {
    expect(planNextPeriod({ newest: { period: 4, endsAtMs: hour }, nowMs: 4.5 * hour, periodMs: hour }).period).toBe(8);
    expect(planNextPeriod({ newest: { period: 4, endsAtMs: 2 * hour }, nowMs: 0, periodMs: hour }).period).toBe(5);
  });

  it("begins where the period before it ended, when the clock was set back a little", () => {
    const next = planNextPeriod({ newest: { period: 4, endsAtMs: hour }, nowMs: hour - 4_000, periodMs: hour });
    expect(next).toEqual({ period: 5, startsAtMs: hour, endsAtMs: 2 * hour, boundaryMs: hour });
  });

  it("goes on from periods that did not end at multiples, or had another length", () => {
    const after = { period: 40, endsAtMs: 10 * hour + 17 * minute };
    expect(planNextPeriod({ newest: after, nowMs: after.endsAtMs, periodMs: hour })).toMatchObject({ period: 41, endsAtMs: 11 * hour });
    expect(planNextPeriod({ newest: after, nowMs: after.endsAtMs, periodMs: 20_000 })).toMatchObject({ period: 41 });
  });

  it("whatever sequence of runs, restarts, outages and steps of the clock: numbers rise, periods end at multiples and do not overlap", () => {
    const lengths = fc.constantFrom(20_000, minute, 20 * minute, hour);
    const event = fc.oneof(
      fc.record({ kind: fc.constant("off" as const), share: fc.double({ min: 0, max: 6, noNaN: true }) }),
      fc.record({ kind: fc.constant("step" as const), share: fc.double({ min: -3, max: 3, noNaN: true }) }),
      fc.record({ kind: fc.constant("drift" as const), ms: fc.integer({ min: -5_000, max: 5_000 }) }),
      fc.record({ kind: fc.constant("end" as const) }),
    );
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1e12, max: 2e12 }), fc.array(event, { maxLength: 40 }), (periodMs, startMs, events) => {
        let nowMs = startMs;
        let newest: ReturnType<typeof planNextPeriod> | null = null;
        for (const each of events) {
          if (each.kind === "off") nowMs += Math.round(each.share * periodMs);
          if (each.kind === "step") nowMs += Math.round(each.share * periodMs);
          // A period under way that is resumed ends by itself; then the clock may be set right a little.
          if (each.kind === "end" || each.kind === "drift") nowMs = Math.max(nowMs, newest?.endsAtMs ?? nowMs);
          if (each.kind === "drift") nowMs += each.ms;
          if (newest !== null && each.kind !== "drift" && each.kind !== "step" && newest.endsAtMs > nowMs) continue;
          const next: ReturnType<typeof planNextPeriod> = planNextPeriod({ newest, nowMs, periodMs });
          const lengthMs = next.endsAtMs - next.startsAtMs;
          expect(next.endsAtMs % periodMs).toBe(0);
          expect(next.boundaryMs % periodMs).toBe(0);
          expect(next.boundaryMs <= next.startsAtMs && next.startsAtMs < next.boundaryMs + periodMs).toBe(true);
          expect(lengthMs >= periodMs / 2 && lengthMs < periodMs * 1.5).toBe(true);
          // Never further in the future than what is taken for the same moment.
          expect(next.startsAtMs - nowMs).toBeLessThanOrEqual(Math.min(minute, periodMs / 2));
          if (newest !== null) {
            expect(next.period).toBeGreaterThan(newest.period);
            const wentBack = newest.endsAtMs - nowMs > Math.min(minute, periodMs / 2);
            if (wentBack) expect(next.period).toBe(newest.period + 1);
            else {
              expect(next.startsAtMs).toBeGreaterThanOrEqual(newest.endsAtMs);
              expect(next.period - newest.period).toBe((next.endsAtMs - newest.endsAtMs) / periodMs);
            }
          }
          newest = next;
        }
      }),
    );
  });
});
