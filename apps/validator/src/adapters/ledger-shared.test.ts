import { describe, expect, it } from "@jest/globals";
import { describeLedgerContract } from "../testing/ledger-contract.js";
import { createFollowingLedger, createSharedLedger } from "./ledger-shared.js";

function createPair(monotonicMs?: () => number) {
  const owner = createSharedLedger(monotonicMs);
  const follower = createFollowingLedger(owner.period(), monotonicMs);
  owner.onPeriod((period) => follower.follow(period));
  return { owner, follower };
}

describeLedgerContract("shared, by the thread that starts the periods", createSharedLedger);
describeLedgerContract("shared, by a thread that follows", (monotonicMs) => {
  const { owner, follower } = createPair(monotonicMs);
  return { ...follower, startPeriod: owner.startPeriod };
});

describe("createSharedLedger", () => {
  it("shows to one thread what another one takes and gives back", () => {
    const { owner, follower } = createPair();
    owner.startPeriod([{ hotkey: "alice", taskId: "chat", units: 100 }]);
    const hold = follower.tryReserve("alice", "chat", 60);
    expect([owner.free("alice", "chat"), owner.inFlight("alice"), owner.tryReserve("alice", "chat", 41)]).toEqual([40, 1, null]);
    if (hold !== null) follower.release(hold, 10);
    expect([owner.free("alice", "chat"), owner.inFlight("alice")]).toEqual([90, 0]);
  });

  it("charges a thread that is late to follow for the old period, never for the new one", () => {
    const owner = createSharedLedger();
    owner.startPeriod([{ hotkey: "alice", taskId: "chat", units: 100 }]);
    const late = createFollowingLedger(owner.period());
    owner.startPeriod([{ hotkey: "alice", taskId: "chat", units: 50 }]);
    const hold = late.tryReserve("alice", "chat", 80);
    expect([owner.free("alice", "chat"), owner.inFlight("alice")]).toEqual([50, 1]);
    late.follow(owner.period());
    if (hold !== null) late.release(hold, 80);
    expect([owner.free("alice", "chat"), late.free("alice", "chat"), owner.inFlight("alice")]).toEqual([50, 50, 0]);
  });

  it("counts nobody's requests for a miner that takes the place of one that left", () => {
    const { owner, follower } = createPair();
    owner.startPeriod([{ hotkey: "alice", taskId: "chat", units: 100 }]);
    owner.startPeriod([{ hotkey: "bob", taskId: "chat", units: 100 }]);
    follower.tryReserve("bob", "chat", 1);
    expect([follower.inFlight("alice"), owner.inFlight("alice"), owner.inFlight("bob")]).toEqual([0, 0, 1]);
  });
});
