import { describe, expect, it } from "@jest/globals";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { supervise } from "./supervise.js";

describe("supervise", () => {
  it("W-42: starts a failing loop again, ever more slowly, and never lets its error out", async () => {
    const clock = createManualClock();
    const logger = recordingLogger();
    const stop = new AbortController();
    const startsMs: number[] = [];
    const startMs = clock.nowMs();
    const service = {
      name: "bad",
      run: async () => {
        startsMs.push(clock.nowMs() - startMs);
        throw new Error("bug");
      },
    };
    const supervised = supervise(service, stop.signal, { clock, logger });
    await clock.advance(16_000);
    stop.abort();
    await supervised;
    expect(startsMs).toEqual([0, 1_000, 3_000, 7_000, 15_000]);
    expect(logger.lines.every(({ level }) => level === "error")).toBe(true);
  });

  it("ends quietly when the loop ends by the signal", async () => {
    const clock = createManualClock();
    const logger = recordingLogger();
    const stop = new AbortController();
    const service = { name: "good", run: (signal: AbortSignal) => clock.sleep(1e9, signal) };
    const supervised = supervise(service, stop.signal, { clock, logger });
    await clock.advance(10);
    stop.abort();
    await supervised;
    expect(logger.lines).toEqual([]);
  });

  it("a loop that waited for a database that hung kept the program from ending: it is left to itself after five seconds", async () => {
    const clock = createManualClock();
    const logger = recordingLogger();
    const stop = new AbortController();
    const service = { name: "hung", run: () => new Promise<void>(() => undefined) };
    let isOver = false;
    const supervised = supervise(service, stop.signal, { clock, logger }).then(() => {
      isOver = true;
    });
    await clock.advance(600_000);
    stop.abort();
    await clock.advance(4_999);
    expect({ isOver, lines: logger.lines }).toEqual({ isOver: false, lines: [] });
    await clock.advance(1);
    await supervised;
    expect(logger.lines).toMatchObject([{ level: "warn", facts: { service: "hung" } }]);
    expect(clock.sleepers()).toBe(0);
  });
});
