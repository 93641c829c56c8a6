import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createSteadyClock } from "./steady-clock.js";

const day = 24 * 3_600_000;
const signal = new AbortController().signal;

function setUp(readReferenceMs: (trueMs: number) => number | null = () => null) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const trueStartMs = clock.nowMs();
  const steady = createSteadyClock({ clock, logger, readReferenceMs: async () => readReferenceMs(trueStartMs + clock.monotonicMs()) });
  return { clock, logger, steady, trueMs: () => trueStartMs + clock.monotonicMs() };
}

describe("createSteadyClock", () => {
  it("passes with the time, whatever the machine's clock is set to, and says so once", async () => {
    const { clock, logger, steady, trueMs } = setUp();
    steady.settle();
    clock.stepWall(8 * day);
    for (let hour = 0; hour < 3; hour += 1) {
      await clock.advance(3_600_000);
      await steady.look(signal);
      steady.settle();
      expect(steady.nowMs()).toBe(trueMs());
    }
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn"]);
    clock.stepWall(-8 * day);
    steady.settle();
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
  });

  it("knows a reading of a clock that has jumped, and tells of it once until it is believed again", () => {
    const { clock, logger, steady } = setUp();
    steady.settle();
    expect(steady.wasRight(clock.nowMs() - 4_000)).toBe(true);
    for (let times = 0; times < 2; times += 1) {
      clock.stepWall(-600_000);
      for (let again = 0; again < 2; again += 1) expect(steady.wasRight(clock.nowMs())).toBe(false);
      clock.stepWall(600_000);
      steady.settle();
      expect(steady.wasRight(clock.nowMs())).toBe(true);
    }
    expect(logger.lines.map(({ facts }) => facts)).toEqual([{ aheadMs: -600_000 }, { aheadMs: -600_000 }]);
  });

  it("regression: tells whole milliseconds, though the monotonic clock has fractions: reports with others were refused by their schema", async () => {
    const { clock } = setUp();
    const fractional = createSteadyClock({
      clock: { ...clock, monotonicMs: () => clock.monotonicMs() + 0.4 },
      logger: recordingLogger(),
      readReferenceMs: async () => null,
    });
    await clock.advance(7);
    expect(Number.isInteger(fractional.nowMs())).toBe(true);
    const passing = createSteadyClock({
      clock: { ...clock, monotonicMs: () => clock.monotonicMs() * 1.1 },
      logger: recordingLogger(),
      readReferenceMs: async () => null,
    });
    passing.settle();
    await clock.advance(7);
    expect(Number.isInteger(passing.nowMs())).toBe(true);
  });

  it("follows a jump that the chain confirms, between periods only", async () => {
    const { clock, steady } = setUp((trueMs) => trueMs + 3_600_000);
    steady.settle();
    const beforeMs = steady.nowMs();
    clock.stepWall(3_600_000);
    await steady.look(signal);
    expect(steady.nowMs()).toBe(beforeMs);
    steady.settle();
    expect(steady.nowMs()).toBe(beforeMs + 3_600_000);
  });

  it("starts by the chain's time where the machine's is wrong", async () => {
    const { clock, steady, trueMs } = setUp((ms) => ms);
    clock.stepWall(-8 * day);
    await steady.look(signal);
    steady.settle();
    expect(steady.nowMs()).toBe(trueMs());
  });

  it("does not wait for a chain that hangs", async () => {
    const { clock, steady } = setUp();
    const hanging = createSteadyClock({ clock, logger: recordingLogger(), readReferenceMs: () => new Promise(() => undefined) });
    const looking = hanging.look(signal);
    await clock.advance(3_000);
    await looking;
    expect(hanging.nowMs()).toBe(steady.nowMs());
  });
});
