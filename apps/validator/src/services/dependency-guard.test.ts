import { describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createDependencyGuard } from "./dependency-guard.js";

const outage = () => new VisionError({ code: "STORE_UNREACHABLE", message: "away" });

function setUp() {
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  return { clock, logger, metrics, guard: createDependencyGuard({ clock, logger, metrics }) };
}

describe("createDependencyGuard", () => {
  it("waits an outage out with one warning, however long it lasts, and says when it is over", async () => {
    const { clock, logger, metrics, guard } = setUp();
    let calls = 0;
    const waiting = guard.untilUp(
      "store",
      async () => {
        calls += 1;
        if (calls < 8) throw outage();
        return "here";
      },
      new AbortController().signal,
    );
    await clock.advance(10_000);
    expect(guard.isUp("store")).toBe(false);
    expect(guard.isUp("chain")).toBe(true);
    expect(metrics.values.get('dependencyUp {"dependency":"store"}')).toBe(0);
    await clock.advance(120_000);
    expect(await waiting).toBe("here");
    expect(metrics.values.get('dependencyUp {"dependency":"store"}')).toBe(1);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
  });

  it("24 outages and recoveries in 40 s were 48 lines: a dependency that comes and goes is told a few times, its gauge always", async () => {
    const { clock, logger, metrics, guard } = setUp();
    for (let pair = 0; pair < 24; pair += 1) {
      await guard.attempt("store", () => Promise.reject(outage())).catch(() => undefined);
      expect(metrics.values.get('dependencyUp {"dependency":"store"}')).toBe(0);
      await clock.advance(800);
      await guard.attempt("store", async () => "here");
      expect(metrics.values.get('dependencyUp {"dependency":"store"}')).toBe(1);
      await clock.advance(900);
    }
    await clock.advance(60_000);
    expect(guard.isUp("store")).toBe(true);
    expect(logger.lines.length).toBeLessThanOrEqual(4);
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "info", "warn", "info"].slice(0, logger.lines.length));
    expect(logger.lines.at(-1)?.level).toBe("info");
  });

  it("passes on what is no outage, and gives up when told to", async () => {
    const { clock, guard } = setUp();
    const stop = new AbortController();
    const bug = guard.untilUp("store", () => Promise.reject(new TypeError("bug")), stop.signal);
    await expect(bug).rejects.toThrow("bug");
    expect(guard.isUp("store")).toBe(true);
    const waiting = guard.untilUp("store", () => Promise.reject(outage()), stop.signal);
    const given = expect(waiting).rejects.toThrow("stop");
    await clock.advance(3_000);
    stop.abort(new Error("stop"));
    await given;
    expect(clock.sleepers()).toBe(0);
  });
});
