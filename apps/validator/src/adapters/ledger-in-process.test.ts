import { beforeEach, describe, expect, it } from "@jest/globals";
import type { CapacityLedger } from "../ports/index.js";
import { createInProcessLedger } from "./ledger-in-process.js";

describe("createInProcessLedger", () => {
  let ledger: CapacityLedger;
  beforeEach(() => {
    ledger = createInProcessLedger();
    ledger.startPeriod([{ hotkey: "alice", taskId: "chat", units: 100 }]);
  });
  const free = () => ledger.free("alice", "chat");

  it("tells the whole budget, whatever is taken of it", () => {
    const ledger = createInProcessLedger();
    ledger.startPeriod([{ hotkey: "a", taskId: "t", units: 10 }]);
    ledger.tryReserve("a", "t", 4);
    expect([ledger.budget("a", "t"), ledger.free("a", "t"), ledger.budget("b", "t")]).toEqual([10, 6, 0]);
  });

  it("takes what is free and nothing more", () => {
    const first = ledger.tryReserve("alice", "chat", 70);
    expect(free()).toBe(30);
    expect(ledger.tryReserve("alice", "chat", 31)).toBeNull();
    expect(ledger.tryReserve("bob", "chat", 1)).toBeNull();
    expect(ledger.tryReserve("alice", "chat", Number.NaN)).toBeNull();
    expect(ledger.inFlight("alice")).toBe(1);
    if (first !== null) ledger.release(first, 20);
    expect(free()).toBe(80);
    expect(ledger.inFlight("alice")).toBe(0);
  });

  it("gives back once, however often it is told", () => {
    const hold = ledger.tryReserve("alice", "chat", 50);
    ledger.tryReserve("alice", "chat", 10);
    if (hold === null) throw new Error("no room");
    ledger.release(hold, 5);
    ledger.release(hold, 5);
    expect(free()).toBe(85);
    expect(ledger.inFlight("alice")).toBe(1);
  });

  it("does not charge the last period's requests to the new one", () => {
    const hold = ledger.tryReserve("alice", "chat", 60);
    ledger.startPeriod([{ hotkey: "alice", taskId: "chat", units: 40 }]);
    expect(free()).toBe(40);
    expect(ledger.inFlight("alice")).toBe(1);
    if (hold !== null) ledger.release(hold, 60);
    expect(free()).toBe(40);
    expect(ledger.inFlight("alice")).toBe(0);
  });

  it("takes a budget that is no number, or below zero, as none", () => {
    ledger.startPeriod([
      { hotkey: "alice", taskId: "chat", units: Number.NaN },
      { hotkey: "bob", taskId: "chat", units: -5 },
    ]);
    expect([free(), ledger.free("bob", "chat")]).toEqual([0, 0]);
  });

  it("stays within its budget under any order of reserving and releasing", () => {
    const holds = Array.from({ length: 30 }, (_, index) => ledger.tryReserve("alice", "chat", 1 + (index % 9)));
    const held = holds.reduce((sum, hold) => sum + (hold?.units ?? 0), 0);
    expect(held).toBeLessThanOrEqual(100);
    expect(free()).toBe(100 - held);
    for (const hold of [...holds].reverse()) if (hold !== null) ledger.release(hold, hold.units);
    expect(free()).toBe(100 - held);
  });
});
