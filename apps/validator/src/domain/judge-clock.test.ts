import { describe, expect, it } from "@jest/globals";
import { judgeClock } from "./judge-clock.js";

const nowMs = 1_700_000_000_000;
const minutes = (count: number) => count * 60_000;
const days = (count: number) => minutes(count * 1_440);

describe("judgeClock", () => {
  it("goes by the machine's clock as long as it agrees with the time that has passed, small corrections included", () => {
    for (const wallMs of [nowMs, nowMs + 4_000, nowMs - 4_000]) {
      expect(judgeClock({ wallMs, steadyMs: nowMs, referenceMs: null })).toEqual({ nowMs: wallMs, isWallTrusted: true });
    }
  });

  it("goes on by elapsed time when the clock jumps and nobody else says so", () => {
    for (const wallMs of [nowMs + days(8), nowMs - minutes(10)]) {
      expect(judgeClock({ wallMs, steadyMs: nowMs, referenceMs: null })).toEqual({ nowMs, isWallTrusted: false });
      expect(judgeClock({ wallMs, steadyMs: nowMs, referenceMs: nowMs - 20_000 })).toEqual({ nowMs, isWallTrusted: false });
    }
  });

  it("follows a jump that the chain confirms: the machine was suspended, or was set right", () => {
    const wallMs = nowMs + minutes(90);
    expect(judgeClock({ wallMs, steadyMs: nowMs, referenceMs: wallMs - 12_000 })).toEqual({ nowMs: wallMs, isWallTrusted: true });
  });

  it("regression: a clock that was set 25 s ahead was believed, as the chain is never nearer than two minutes: nobody was told", () => {
    for (const referenceMs of [nowMs, nowMs - 12_000, nowMs - 20_000]) {
      expect(judgeClock({ wallMs: nowMs + 25_000, steadyMs: nowMs, referenceMs })).toEqual({ nowMs, isWallTrusted: false });
    }
  });

  it("follows a short suspension, as soon as the chain is nearer to the clock than to the time that has passed", () => {
    const wallMs = nowMs + 25_000;
    expect(judgeClock({ wallMs, steadyMs: nowMs, referenceMs: wallMs - 6_000 })).toEqual({ nowMs: wallMs, isWallTrusted: true });
  });

  it("is not moved by a chain that stands still", () => {
    expect(judgeClock({ wallMs: nowMs, steadyMs: nowMs, referenceMs: nowMs - days(1) })).toEqual({ nowMs, isWallTrusted: true });
  });

  it("starts by the others' clocks where the machine's own is wrong, by its own where nobody else is known", () => {
    expect(judgeClock({ wallMs: nowMs + days(8), steadyMs: null, referenceMs: nowMs })).toEqual({ nowMs, isWallTrusted: false });
    expect(judgeClock({ wallMs: nowMs, steadyMs: null, referenceMs: null })).toEqual({ nowMs, isWallTrusted: true });
  });
});
