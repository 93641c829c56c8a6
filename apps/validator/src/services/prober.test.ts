import { describe, expect, it } from "@jest/globals";
import { createRegistry } from "@vision/protocol";
import { createPeriodProgress } from "../domain/period-progress.js";
import { defaultProbingParams } from "../domain/probing-params.js";
import type { Exchange } from "../exchange/exchange.js";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { aProbe, aResult } from "../testing/store-samples.js";
import { createProber } from "./prober.js";

type Answer = { readonly durationMs: number; readonly units: number; readonly error?: Error };

function setUp(answer: Answer, changes: Partial<typeof defaultProbingParams> = {}, hotkeys: readonly string[] = ["alice"]) {
  const clock = createManualClock();
  const startsAtMs = clock.nowMs();
  const logger = recordingLogger();
  const params = { ...defaultProbingParams, periodMs: 60_000, ...changes };
  const probes = hotkeys.map((hotkey) => aProbe({ hotkey, declaredCapacityPerHour: 192_000, plannedUnits: 320, plannedRequests: 10 }));
  const progress = createPeriodProgress({ period: 1, startsAtMs, endsAtMs: startsAtMs + 60_000, seed: "seed" }, probes);
  const sentAtMs: number[] = [];
  const network = { isUp: true };
  let inFlight = 0;
  let mostInFlight = 0;
  const exchange: Exchange = {
    async run({ target, task }) {
      sentAtMs.push(clock.nowMs() - startsAtMs);
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      await clock.sleep(answer.durationMs, new AbortController().signal);
      inFlight -= 1;
      if (answer.error) throw answer.error;
      const units = { attemptedUnits: answer.units, completedUnits: answer.units };
      progress.noteResult(aResult(`${sentAtMs.length}`, { hotkey: target.hotkey, taskId: task.id, ...units }));
      return null;
    },
  };
  const registry = createRegistry();
  const prober = createProber(params, {
    exchange,
    routing: { task: (id) => registry.get(id) ?? null, target: (hotkey) => ({ hotkey, host: "127.0.0.1", port: 1 }) },
    ledger: { free: () => 3_200 },
    isNetworkUp: () => network.isUp,
    clock,
    logger,
  });
  return { prober, progress, clock, sentAtMs, logger, network, most: () => mostInFlight };
}

const signal = new AbortController().signal;

describe("createProber", () => {
  it("sends the plan within the window and then is done", async () => {
    const { prober, progress, clock, sentAtMs } = setUp({ durationMs: 100, units: 32 });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(60_000);
    await running;
    expect(sentAtMs).toHaveLength(10);
    expect(sentAtMs.at(-1)).toBeLessThan(60_000 * 0.96);
    expect(clock.sleepers()).toBe(0);
  });

  it("sends less where users already asked: organic volume counts towards the plan", async () => {
    const { prober, progress, clock, sentAtMs } = setUp({ durationMs: 100, units: 32 });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(10_000);
    const before = sentAtMs.length;
    progress.noteResult(aResult("organic", { isOrganic: true, attemptedUnits: 320 - before * 32 - 32, completedUnits: 10 }));
    await clock.advance(50_000);
    await running;
    expect(sentAtMs.length).toBeLessThanOrEqual(before + 2);
  });

  it("makes up for short answers, but not without end", async () => {
    const { prober, progress, clock, sentAtMs } = setUp({ durationMs: 10, units: 1 });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(60_000);
    await running;
    expect(sentAtMs).toHaveLength(20);
  });

  it("keeps to its bounds of requests under way when miners are slow", async () => {
    const slow = { durationMs: 30_000, units: 32 };
    const perProbe = setUp(slow, { maxConcurrentPerProbe: 2 });
    const first = perProbe.prober.runPeriod(perProbe.progress, "n", signal);
    await perProbe.clock.advance(90_000);
    await first;
    expect(perProbe.most()).toBe(2);
    const overall = setUp(slow, { maxConcurrentRequests: 3 }, ["a", "b", "c", "d", "e"]);
    const second = overall.prober.runPeriod(overall.progress, "n", signal);
    await overall.clock.advance(90_000);
    await second;
    expect(overall.most()).toBe(3);
  });

  it("survives a failure inside the exchange, and waits for what is under way", async () => {
    const { prober, progress, clock, sentAtMs, logger } = setUp({ durationMs: 5_000, units: 0, error: new Error("bug") });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(58_000);
    await running;
    let isSettled = false;
    const settled = prober.settled().then(() => {
      isSettled = true;
    });
    await clock.advance(5_000);
    await settled;
    expect(isSettled).toBe(true);
    expect(sentAtMs.length).toBeGreaterThan(8);
    expect(logger.lines.filter(({ level }) => level === "error").length).toBe(sentAtMs.length);
  });

  it("sends nothing while the network is down, and catches up evenly afterwards", async () => {
    const { prober, progress, clock, sentAtMs, network } = setUp({ durationMs: 100, units: 32 });
    const running = prober.runPeriod(progress, "nonce", signal);
    network.isUp = false;
    await clock.advance(30_000);
    expect(sentAtMs.filter((atMs) => atMs > 0)).toEqual([]);
    network.isUp = true;
    await clock.advance(30_000);
    await running;
    expect(sentAtMs).toHaveLength(10);
  });

  it("stops at once when told to", async () => {
    const { prober, progress, clock } = setUp({ durationMs: 10, units: 32 });
    const stop = new AbortController();
    const running = prober.runPeriod(progress, "nonce", stop.signal);
    const stopped = expect(running).rejects.toThrow("stop");
    await clock.advance(1_000);
    stop.abort(new Error("stop"));
    await stopped;
  });
});
