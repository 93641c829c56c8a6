import { PassThrough } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { protocolLimits } from "@vision/protocol";
import { createManualClock } from "../runtime/manual-clock.js";
import { createDeadline } from "./deadline.js";
import { readEventStream } from "./read-event-stream.js";

const limits = { eventBytes: protocolLimits.eventBytes, streamBytes: protocolLimits.streamBytes, values: 1_000, bodyBytes: 0 };
const TIMEOUT_MS = 10_000;
const tooMuch = `data: ${"x".repeat(300_000)}\n\n`; // more than is queued before the miner is held back

const open = () => {
  const clock = createManualClock();
  const body = new PassThrough({ highWaterMark: 4 * 1024 * 1024 });
  const deadline = createDeadline(clock, { totalMs: TIMEOUT_MS }, undefined);
  const stream = readEventStream({ body, clock, deadline, limits, startedAtMs: clock.monotonicMs(), measureReading: (read) => read() });
  const iterator = stream.events[Symbol.asyncIterator]();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, body, stream, iterator, turn };
};

describe("a reader that is too slow", () => {
  it("let a miner fill the memory with events of nothing, which were not counted: it is held back as for large ones", async () => {
    const { body, iterator, turn } = open();
    body.write("data:\n\n".repeat(10_000));
    await turn();
    expect(body.isPaused()).toBe(true);
    for (let count = 0; count < 9_000; count += 1) await iterator.next();
    expect(body.isPaused()).toBe(false);
  });

  it("does not make the miner miss its deadline while it is held back", async () => {
    const { clock, body, stream, turn } = open();
    clock.advance(9_500);
    body.write(tooMuch);
    await turn();
    expect(body.isPaused()).toBe(true);
    clock.advance(500);
    expect(stream.getEnd()).toMatchObject({ ok: false, blame: "nobody" });
  });

  it("does not make the miner miss its deadline after it was held back for more than a tenth of the time", async () => {
    const { clock, body, stream, iterator, turn } = open();
    body.write(tooMuch);
    await turn();
    clock.advance(1_001);
    await iterator.next();
    expect(body.isPaused()).toBe(false);
    clock.advance(TIMEOUT_MS);
    expect(stream.getEnd()).toMatchObject({ ok: false, blame: "nobody", reason: expect.stringContaining("too slowly") });
  });

  it("is no excuse when it was slow for less than that", async () => {
    const { clock, body, stream, iterator, turn } = open();
    body.write(tooMuch);
    await turn();
    clock.advance(900);
    await iterator.next();
    clock.advance(TIMEOUT_MS);
    expect(stream.getEnd()).toMatchObject({ ok: false, blame: "miner", reason: expect.stringContaining("10000 ms") });
  });

  it("is no excuse for a stream that breaks", async () => {
    const { body, stream, turn } = open();
    body.write(tooMuch);
    await turn();
    body.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    await turn();
    expect(stream.getEnd()).toMatchObject({ ok: false, blame: "miner", reason: expect.stringContaining("ECONNRESET") });
  });
});
