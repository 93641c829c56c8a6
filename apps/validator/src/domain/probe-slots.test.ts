import { describe, expect, it } from "@jest/globals";
import { createProbeSlots, expectedConcurrency, slotsOfProbe } from "./probe-slots.js";

describe("slots of one probe", () => {
  it("follow from its rate and its target's time: 3,600 answers of 2 s in an hour are two at a time", () => {
    const expected = expectedConcurrency({ requests: 3_600, timeLeftMs: 3_600_000, answerMs: 2_000 });
    expect(expected).toBe(2);
    expect(slotsOfProbe(expected, 16)).toBe(8);
  });

  it("are two at least, so that one request that hangs does not end a small plan, and never more than allowed", () => {
    expect(slotsOfProbe(expectedConcurrency({ requests: 3, timeLeftMs: 3_600_000, answerMs: 2_000 }), 16)).toBe(2);
    expect(slotsOfProbe(expectedConcurrency({ requests: 1e6, timeLeftMs: 10, answerMs: 2_000 }), 16)).toBe(16);
    expect(slotsOfProbe(0, 1)).toBe(1);
  });
});

describe("createProbeSlots", () => {
  const hotkeys = Array.from({ length: 20 }, (_, index) => `miner-${index}`);

  function takeAll(slots: ReturnType<typeof createProbeSlots>, hotkey: string): number {
    let taken = 0;
    for (; slots.hasRoom(hotkey); taken += 1) slots.take(hotkey);
    return taken;
  }

  it("ten miners that hold all they can get leave the others theirs", () => {
    const slots = createProbeSlots(64);
    for (const hotkey of hotkeys) slots.setNeed(hotkey, "task", 1);
    for (const hotkey of hotkeys.slice(0, 10)) takeAll(slots, hotkey);
    for (const hotkey of hotkeys.slice(10)) {
      expect([hotkey, slots.hasRoom(hotkey)]).toEqual([hotkey, true]);
      slots.take(hotkey);
    }
  });

  it("one miner with a large plan may use what nobody needs, and not a slot of the others' part", () => {
    const slots = createProbeSlots(64);
    slots.setNeed("large", "task", 40);
    for (const hotkey of hotkeys) slots.setNeed(hotkey, "task", 0.5);
    expect(takeAll(slots, "large")).toBe(64 - hotkeys.length);
    for (const hotkey of hotkeys) slots.setNeed(hotkey, "task", 0);
    expect(takeAll(slots, "large")).toBe(hotkeys.length);
    expect(slots.hasRoom("miner-1")).toBe(false);
    slots.release("large");
    expect([slots.hasRoom("miner-1"), slots.inUse("large"), slots.total]).toEqual([true, 63, 63]);
  });

  it("keeps slots in use over a period's end and forgets what was needed in it", () => {
    const slots = createProbeSlots(4);
    slots.setNeed("alice", "task", 1);
    slots.take("alice");
    slots.startPeriod();
    expect([slots.inUse("alice"), slots.total]).toEqual([1, 1]);
    expect(takeAll(slots, "bob")).toBe(3);
  });
});
