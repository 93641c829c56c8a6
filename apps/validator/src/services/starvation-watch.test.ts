import { describe, expect, it } from "@jest/globals";
import type { Clock, HeldTimes } from "../ports/index.js";
import { settle } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createStarvationWatch, type Standstill } from "./starvation-watch.js";

/** A clock whose sleepers wake when a test says so, however late. */
function aLateClock() {
  let nowMs = 1_000_000;
  let wake: () => void = () => undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - 1_000_000,
    sleep: (_durationMs, signal) =>
      new Promise((resolve, reject) => {
        wake = resolve;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };
  const pass = (durationMs: number) => {
    nowMs += durationMs;
  };
  const beat = async () => {
    wake();
    await settle();
  };
  return { clock, pass, beat };
}

describe("createStarvationWatch", () => {
  it("a suspended laptop timed all requests under way out: they are known, others are not touched", async () => {
    const { clock, pass, beat } = aLateClock();
    const logger = recordingLogger();
    const watch = createStarvationWatch({ clock, logger, thread: "core", onStandstill: () => undefined });
    const stop = new AbortController();
    const running = watch.run(stop.signal).catch(() => undefined);
    pass(1_400);
    await beat();
    const underWay = { startedAtMs: clock.nowMs() - 900, durationMs: 15_000 };
    const earlier = { startedAtMs: clock.nowMs() - 1_200, durationMs: 600 };
    expect(watch.wasStarvedDuring(underWay)).toBe(false);
    pass(30_000);
    // Before the beat: the request's own timer may be the first to fire.
    expect(watch.wasStarvedDuring(underWay)).toBe(true);
    await beat();
    expect(watch.wasStarvedDuring(underWay)).toBe(true);
    expect(watch.wasStarvedDuring(earlier)).toBe(false);
    pass(10);
    expect(watch.wasStarvedDuring({ startedAtMs: clock.nowMs(), durationMs: 5 })).toBe(false);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn"]);
    stop.abort();
    await running;
  });

  it("a machine that stood still again and again filled the log: it is told once a minute, with how often", async () => {
    const { clock, pass, beat } = aLateClock();
    const logger = recordingLogger();
    const watch = createStarvationWatch({ clock, logger, thread: "core", onStandstill: () => undefined });
    const stop = new AbortController();
    const running = watch.run(stop.signal).catch(() => undefined);
    for (let time = 0; time < 20; time += 1) {
      pass(4_000);
      await beat();
    }
    expect(logger.lines.map(({ facts }) => facts)).toEqual([
      { thread: "core", times: 1, lateMs: 3_000 },
      { thread: "core", times: 15, lateMs: 45_000 },
    ]);
    stop.abort();
    await running;
  });

  describe("regression: a busy machine that was late by less than a second each time was never noticed, and miners were slow for it", () => {
    const watched = async (lateMs: readonly number[], heldTimes?: HeldTimes) => {
      const { clock, pass, beat } = aLateClock();
      const standstills: Standstill[] = [];
      const watch = createStarvationWatch({
        ...{ clock, logger: recordingLogger(), thread: "prober", onStandstill: (standstill) => void standstills.push(standstill) },
        ...(heldTimes === undefined ? {} : { heldTimes }),
      });
      const stop = new AbortController();
      const running = watch.run(stop.signal).catch(() => undefined);
      const startedAtMs = clock.nowMs();
      for (const late of lateMs) {
        pass(1_000 + late);
        await beat();
      }
      const wasStarved = (hotkey: string) => watch.wasStarvedDuring({ startedAtMs, durationMs: clock.nowMs() - startedAtMs, hotkey });
      const seen = { alice: wasStarved("alice"), bob: wasStarved("bob") };
      stop.abort();
      await running;
      return { standstills, seen };
    };

    it("what adds up within ten beats is a standstill, counted once", async () => {
      const { standstills, seen } = await watched([500, 0, 500, 500, 0, 501, 0, 0]);
      expect(standstills).toEqual([{ thread: "prober", cause: "own", who: null, lateMs: 2_001 }]);
      expect(seen).toEqual({ alice: true, bob: true });
    });

    it("jitter adds up to nothing, nor does what is further apart", async () => {
      expect(await watched(Array(60).fill(50))).toMatchObject({ standstills: [], seen: { alice: false } });
      expect(
        await watched(
          Array(60)
            .fill([900, ...Array(5).fill(0)])
            .flat(),
        ),
      ).toMatchObject({ standstills: [], seen: { alice: false } });
    });

    it("excuses whoever caused it of nothing", async () => {
      const heldTimes: HeldTimes = {
        meter: () => ({ measure: (run) => run(), measureTurn: (run) => run(), heldMs: () => 0 }),
        longest: () => ({ who: "alice", heldMs: 1_500 }),
      };
      const { standstills, seen } = await watched(Array(5).fill(500), heldTimes);
      expect(standstills).toMatchObject([{ cause: "miner", who: "alice" }]);
      expect(seen).toEqual({ alice: false, bob: true });
    });
  });
});
