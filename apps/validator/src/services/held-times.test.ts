import { describe, expect, it } from "@jest/globals";
import { createHeldTimes } from "./held-times.js";

function setUp() {
  const now = { monotonicMs: 0, cpuMs: 0 };
  const heldTimes = createHeldTimes({ monotonicMs: () => now.monotonicMs, cpuMs: () => now.cpuMs });
  const work = (durationMs: number, cpuMs = durationMs) => {
    now.monotonicMs += durationMs;
    now.cpuMs += cpuMs;
  };
  return { now, heldTimes, work };
}

describe("createHeldTimes", () => {
  it("adds up what each request held, and who held most since a moment", () => {
    const { heldTimes, work } = setUp();
    const alice = heldTimes.meter("alice");
    const again = heldTimes.meter("alice");
    const bob = heldTimes.meter("bob");
    expect(alice.measure(() => work(300) ?? "read")).toBe("read");
    again.measure(() => work(300));
    bob.measure(() => work(500));
    expect([alice, again, bob].map((meter) => meter.heldMs())).toEqual([300, 300, 500]);
    expect(heldTimes.longest(0)).toEqual({ who: "alice", heldMs: 600 });
    work(5_000);
    bob.measure(() => work(100));
    expect(heldTimes.longest(5_000)).toEqual({ who: "bob", heldMs: 100 });
    expect(heldTimes.longest(60_000)).toBeNull();
  });

  it("a form that is read within one turn of the loop, in promises, was booked on nobody", async () => {
    const { heldTimes, work } = setUp();
    const meter = heldTimes.meter("alice");
    const inPieces = async (error?: Error) => {
      work(10);
      await Promise.resolve();
      work(300);
      if (error !== undefined) throw error;
      return "form";
    };
    expect(await meter.measureTurn(() => inPieces())).toBe("form");
    expect(meter.heldMs()).toBe(310);
    await expect(meter.measureTurn(() => inPieces(new Error("no form")))).rejects.toThrow("no form");
    expect(meter.heldMs()).toBe(620);
  });

  it("books nothing of what others did while the loop turned", async () => {
    const { heldTimes, work } = setUp();
    const meter = heldTimes.meter("alice");
    const waits = async () => {
      work(10);
      await new Promise((resolve) => setImmediate(resolve));
      work(300);
    };
    await meter.measureTurn(waits);
    expect(meter.heldMs()).toBe(10);
  });

  it("books also what ended in an error", () => {
    const { heldTimes, work } = setUp();
    const meter = heldTimes.meter("alice");
    const fail = () => {
      work(40);
      throw new RangeError("too deep");
    };
    expect(() => meter.measure(fail)).toThrow("too deep");
    expect(meter.heldMs()).toBe(40);
  });

  it("holds a machine that slept against nobody: no CPU was used", () => {
    const { heldTimes, work } = setUp();
    const meter = heldTimes.meter("alice");
    meter.measure(() => work(30_000, 2));
    expect(meter.heldMs()).toBe(2);
  });

  it("does not ask for the process's CPU for every short piece, and still for one that was interrupted among them", () => {
    const { now, work } = setUp();
    let readings = 0;
    const cpuMs = () => {
      readings += 1;
      return now.cpuMs;
    };
    const meter = createHeldTimes({ monotonicMs: () => now.monotonicMs, cpuMs }).meter("alice");
    for (let event = 0; event < 490; event += 1) meter.measure(() => work(0.1));
    expect(readings).toBe(1);
    expect(meter.heldMs()).toBeCloseTo(49);
    meter.measure(() => work(30_000, 0.1));
    expect(readings).toBe(2);
    expect(meter.heldMs()).toBeLessThan(49 + 50);
  });

  it("forgets, and never grows", () => {
    const { heldTimes, work } = setUp();
    for (let second = 0; second < 500; second += 1) heldTimes.meter(`miner ${second}`).measure(() => work(1_000));
    expect(heldTimes.longest(0)?.heldMs).toBe(1_000);
  });
});
