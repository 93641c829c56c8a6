import { describe, expect, it } from "@jest/globals";
import { defaultOutageParams } from "../domain/network-outage.js";
import type { ResultFailure, ResultRecord } from "../domain/records/index.js";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aResult } from "../testing/store-samples.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createNetworkWatch } from "./network-watch.js";

const setAheadMs = 1e15;
const noConnection: ResultFailure = { stage: "connection", status: null };

function setUp() {
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const guard = createDependencyGuard({ clock, logger, metrics });
  const reblamed: ResultRecord[] = [];
  const pinged: string[] = [];
  const network = { isAway: true };
  const watch = createNetworkWatch(defaultOutageParams, {
    guard,
    clock,
    wasClockRight: (wallMs) => wallMs < setAheadMs,
    ping: async (hotkey) => {
      pinged.push(hotkey);
      return network.isAway ? noConnection : null;
    },
    onReblamed: (result) => reblamed.push(result),
  });
  const stop = new AbortController();
  const running = watch.run(stop.signal).catch(() => undefined);
  const finish = async () => {
    stop.abort();
    await running;
  };
  // The sentence says nothing about what happened: programs read the fields.
  const fail = (hotkey: string, failure: ResultFailure = noConnection) =>
    watch.judge(aResult(`of ${hotkey}`, { hotkey, outcome: "failed", blame: "miner", reason: "reworded", failure }));
  return { clock, logger, metrics, guard, reblamed, pinged, network, fail, watch, finish };
}

const up = 'dependencyUp {"dependency":"network"}';

describe("createNetworkWatch", () => {
  it("an offline validator made every miner fail: the failures are its own, also those of just before; one warning, a gauge", async () => {
    const { clock, logger, metrics, reblamed, pinged, network, fail, watch, finish } = setUp();
    for (const hotkey of ["a", "b", "c", "d"]) expect(fail(hotkey).blame).toBe("miner");
    expect(fail("e").blame).toBe("validator");
    expect(reblamed.map(({ hotkey, blame }) => [hotkey, blame])).toEqual(["a", "b", "c", "d"].map((hotkey) => [hotkey, "validator"]));
    expect(fail("a", { stage: "time", status: null }).blame).toBe("validator");
    expect(metrics.values.get(up)).toBe(0);
    await clock.advance(9_500);
    expect(pinged).toEqual(["a", "b", "c"]);
    network.isAway = false;
    await clock.advance(3_000);
    expect(metrics.values.get(up)).toBe(1);
    expect(fail("a").blame).toBe("miner");
    expect(watch.judge(aResult("r")).blame).toBe("nobody");
    expect(logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    await finish();
  });

  it("regression: two miners of a small subnet were blamed for refusing what a clock that was set wrong had signed", async () => {
    const { watch, fail, finish } = setUp();
    const refused = { outcome: "failed", blame: "miner", reason: "reworded", failure: { stage: "status", status: 401 } } as const;
    expect(watch.judge(aResult("wrong", { ...refused, hotkey: "a", startedAtMs: setAheadMs })).blame).toBe("validator");
    expect(watch.judge(aResult("right", { ...refused, hotkey: "a" })).blame).toBe("miner");
    const busy = { ...refused, failure: { stage: "status", status: 500 } } as const;
    expect(watch.judge(aResult("busy", { ...busy, hotkey: "a", startedAtMs: setAheadMs })).blame).toBe("miner");
    expect(fail("b").blame).toBe("miner");
    await finish();
  });

  it("takes 401 and 403 of everybody for its own fault, and any answer for the end of it", async () => {
    const { metrics, fail, watch, finish } = setUp();
    for (const hotkey of ["a", "b", "c", "d"]) fail(hotkey, { stage: "status", status: 403 });
    expect(fail("e", { stage: "status", status: 401 }).blame).toBe("validator");
    watch.judge(aResult("r", { hotkey: "b" }));
    expect(metrics.values.get(up)).toBe(1);
    await finish();
  });

  it("keeps the blame with the miners while enough others can be reached, or the failures are far apart", async () => {
    const { clock, guard, fail, watch, finish } = setUp();
    for (const hotkey of ["x", "y"]) watch.judge(aResult(hotkey, { hotkey }));
    for (const hotkey of ["a", "b", "c", "d"]) expect(fail(hotkey).blame).toBe("miner");
    await clock.advance(11_000);
    for (const hotkey of ["a", "b", "c", "d", "e", "f"]) {
      expect(fail(hotkey).blame).toBe("miner");
      await clock.advance(3_000);
    }
    expect(guard.isUp("network")).toBe(true);
    await finish();
  });
});
