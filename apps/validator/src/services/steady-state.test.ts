import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { createSteadyState } from "./steady-state.js";

function setUp() {
  const clock = createManualClock();
  const told: (readonly [string, number])[] = [];
  const state = createSteadyState({ initial: "up", steadyMs: 30_000, clock, tell: (value, changes) => told.push([value, changes]) });
  return { clock, told, state };
}

describe("createSteadyState", () => {
  it("tells a change at once, and its end when it is over", async () => {
    const { clock, told, state } = setUp();
    state.note("up");
    state.note("down");
    expect(told).toEqual([["down", 1]]);
    await clock.advance(60_000);
    state.note("up");
    expect(told).toEqual([
      ["down", 1],
      ["up", 1],
    ]);
  });

  it("24 pairs of down and up in 40 s were 48 lines: they are two or three, and the last one says how it ended", async () => {
    const { clock, told, state } = setUp();
    for (let pair = 0; pair < 24; pair += 1) {
      state.note("down");
      await clock.advance(800);
      state.note("up");
      await clock.advance(900);
    }
    for (let second = 0; second < 60; second += 1) {
      state.note("up");
      await clock.advance(1_000);
    }
    expect(told.length).toBeLessThanOrEqual(3);
    expect(told.at(0)).toEqual(["down", 1]);
    expect(told.at(-1)?.[0]).toBe("up");
    expect(told.reduce((sum, [, changes]) => sum + changes, 0)).toBeGreaterThan(30);
  });
});
