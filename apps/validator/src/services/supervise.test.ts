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
});
