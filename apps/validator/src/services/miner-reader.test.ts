import { describe, expect, it } from "@jest/globals";
import { createRegistry, PROTOCOL_VERSION } from "@vision/protocol";
import type { MinerClient } from "@vision/sdk/client";
import { createFakeMinerClient } from "../testing/fake-miner-client.js";
import { createManualClock, type ManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createHeldTimes } from "./held-times.js";
import { createMinerReader } from "./miner-reader.js";
import type { Standstill } from "./starvation-watch.js";

const task = createRegistry().get("chat-tiny");
if (task === undefined) throw new Error("no chat-tiny");
const request = { model: "chat-tiny", messages: [{ role: "user" as const, content: "Hi" }], max_tokens: 40 };
const target = (hotkey: string) => ({ hotkey, host: "127.0.0.1", port: 1 });
const { signal } = new AbortController();

/** Miners that answer at once, but for how long reading takes: the loop stands still meanwhile. */
function setUp(costMs: Readonly<Record<string, number>>) {
  const manual = createManualClock();
  let heldMs = 0;
  // What holds the loop moves time without waking anybody.
  const clock: ManualClock = { ...manual, nowMs: () => manual.nowMs() + heldMs, monotonicMs: () => manual.monotonicMs() + heldMs };
  const logger = recordingLogger();
  const standstills: Standstill[] = [];
  const miner = { capacities: {}, durationMs: 0 };
  const fake = createFakeMinerClient(new Map(["alice", "hostile"].map((hotkey) => [hotkey, miner])), clock);
  const client: Pick<MinerClient, "send" | "getCapacities"> = {
    async send(to, options) {
      options.measureReading?.(() => {
        heldMs += costMs[to.hotkey] ?? 0;
      });
      return fake.send(to, options);
    },
    getCapacities: async () => ({ ok: false, stage: "time", blame: "miner", reason: "no answer", status: null }),
  };
  const reader = createMinerReader({
    ...{ client, clock, logger },
    heldTimes: createHeldTimes({ monotonicMs: clock.monotonicMs, cpuMs: clock.monotonicMs }),
    onStandstill: (standstill) => standstills.push(standstill),
  });
  const stop = new AbortController();
  const running = reader.run(stop.signal).catch(() => undefined);
  const ask = async (hotkey: string) => {
    const asked = reader.ask({ target: target(hotkey), task: task as NonNullable<typeof task>, request, signal });
    await clock.advance(1);
    return asked;
  };
  const end = async () => {
    stop.abort();
    await running;
  };
  return { reader, ask, clock, logger, standstills, end };
}

describe("createMinerReader", () => {
  it("one reply that held the loop for 4 s counted as ok, again and again: it is the miner's failure, and told", async () => {
    const { ask, logger, end } = setUp({ hostile: 4_000 });
    const outcomes: string[] = [];
    for (let time = 0; time < 4; time += 1) outcomes.push((await ask("hostile")).reply.outcome);
    // Once or twice may be our own doing.
    expect(outcomes).toEqual(["ok", "ok", "failed", "failed"]);
    expect((await ask("hostile")).reply).toMatchObject({ stage: "content", blame: "miner", reason: "the answer takes too long to read" });
    expect((await ask("alice")).reply).toMatchObject({ outcome: "ok" });
    expect(logger.lines.filter(({ facts }) => facts?.["hotkey"] === "hostile")).toHaveLength(3);
    await end();
  });

  it("a miner that stopped the loop was excused with everybody else: the standstill is its own, and no other miner's", async () => {
    const { ask, reader, clock, standstills, end } = setUp({ hostile: 3_000 });
    await clock.advance(500);
    const others = reader.ask({ target: target("alice"), task: task as NonNullable<typeof task>, request, signal });
    const hostile = await ask("hostile");
    await clock.advance(1_000);
    expect(standstills).toMatchObject([{ thread: "prober", cause: "miner", who: "hostile" }]);
    expect(hostile.wasDelayed).toBe(false);
    // Alice was asked before, and its answer read after it.
    expect((await others).wasDelayed).toBe(true);
    const survey = { protocolVersion: PROTOCOL_VERSION, periodMs: 60_000, tasks: [] };
    expect(await reader.getCapacities(target("alice"), survey, { signal })).toMatchObject({ blame: "miner" });
    await end();
  });

  it("takes a standstill that nobody caused for its own", async () => {
    const { clock, standstills, end } = setUp({});
    const stepped = clock.nowMs();
    await clock.advance(500);
    clock.stepWall(20_000);
    await clock.advance(1_000);
    expect(clock.nowMs() - stepped).toBe(21_500);
    expect(standstills).toMatchObject([{ cause: "own", who: null }]);
    await end();
  });
});
