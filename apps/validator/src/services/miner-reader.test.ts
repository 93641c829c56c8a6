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
/** After so long the worst miner may be asked again. */
const PAID_OFF_MS = 31_000;

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
    const { ask, clock, logger, end } = setUp({ hostile: 4_000 });
    const outcomes: string[] = [];
    for (let time = 0; time < 4; time += 1) {
      outcomes.push((await ask("hostile")).reply.outcome);
      await clock.advance(PAID_OFF_MS);
    }
    // Once or twice may be our own doing.
    expect(outcomes).toEqual(["ok", "ok", "failed", "failed"]);
    expect((await ask("hostile")).reply).toMatchObject({ stage: "content", blame: "miner", reason: "the answer takes too long to read" });
    expect((await ask("alice")).reply).toMatchObject({ outcome: "ok" });
    expect(logger.lines.filter(({ message }) => message === "A miner's answers take too long to read; they count as failed")).toHaveLength(
      3,
    );
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

  it("a miner that was asked without a pause moved others' times: above its share of the loop it waits, unseen by its times", async () => {
    const { reader, ask, clock, logger, end } = setUp({ hostile: 300 });
    await ask("hostile");
    const sinceMs = clock.monotonicMs();
    const second = ask("hostile");
    const sentAtMs: number[] = [];
    void second.then(() => sentAtMs.push(clock.monotonicMs()));
    await clock.advance(1_500);
    expect(sentAtMs).toEqual([]);
    // Nobody else waits for it.
    expect((await ask("alice")).reply).toMatchObject({ outcome: "ok" });
    await clock.advance(1_000);
    const { reply, wasDelayed } = await second;
    expect(sentAtMs[0]).toBeGreaterThan(sinceMs + 1_900);
    expect(reply).toMatchObject({ outcome: "ok" });
    expect(reply.durationMs).toBeLessThan(400);
    expect(wasDelayed).toBe(false);
    expect(logger.lines.filter(({ message }) => message.includes("more than its share"))).toMatchObject([{ facts: { hotkey: "hostile" } }]);
    // Of many at once those that had to wait too long are not sent, and nobody's.
    const asked = Array.from({ length: 8 }, () =>
      reader.ask({ target: target("hostile"), task: task as NonNullable<typeof task>, request, signal }),
    );
    await clock.advance(10_000);
    const replies = (await Promise.all(asked)).map(({ reply: each }) => each);
    const unsent = replies.filter(({ outcome }) => outcome === "failed");
    expect(unsent.length).toBeGreaterThan(4);
    for (const each of unsent) expect(each).toMatchObject({ stage: "request", blame: "nobody", durationMs: 0 });
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
