import { beforeEach, describe, expect, it } from "@jest/globals";
import type { CapacityLedger } from "../ports/index.js";

/** What every {@link CapacityLedger} does. `open` gives a fresh one for each test. */
export function describeLedgerContract(name: string, open: (monotonicMs?: () => number) => CapacityLedger | Promise<CapacityLedger>): void {
  describe(`CapacityLedger contract: ${name}`, () => {
    let ledger: CapacityLedger;
    beforeEach(async () => {
      ledger = await open();
      ledger.startPeriod([{ hotkey: "alice", taskId: "chat", units: 100 }]);
    });
    const free = () => ledger.free("alice", "chat");

    it("has nothing to give before the first period", async () => {
      const empty = await open();
      expect([empty.budget("a", "t"), empty.free("a", "t"), empty.inFlight("a"), await empty.tryReserve("a", "t", 0)]).toEqual([
        0,
        0,
        0,
        null,
      ]);
    });

    it("tells the whole budget, whatever is taken of it", async () => {
      ledger.startPeriod([{ hotkey: "a", taskId: "t", units: 10 }]);
      await ledger.tryReserve("a", "t", 4);
      expect([ledger.budget("a", "t"), ledger.free("a", "t"), ledger.budget("b", "t")]).toEqual([10, 6, 0]);
    });

    it("takes what is free and nothing more", async () => {
      const first = await ledger.tryReserve("alice", "chat", 70);
      expect(free()).toBe(30);
      expect(await ledger.tryReserve("alice", "chat", 31)).toBeNull();
      expect(await ledger.tryReserve("bob", "chat", 1)).toBeNull();
      expect(ledger.inFlight("alice")).toBe(1);
      if (first !== null) ledger.release(first, 20);
      expect(free()).toBe(80);
      expect(ledger.inFlight("alice")).toBe(0);
    });

    it("takes no units that are no number, endless or below zero", async () => {
      for (const units of [Number.NaN, Number.POSITIVE_INFINITY, -1]) expect(await ledger.tryReserve("alice", "chat", units)).toBeNull();
      expect([free(), ledger.inFlight("alice")]).toEqual([100, 0]);
    });

    it("gives the last fraction of a budget", async () => {
      ledger.startPeriod([{ hotkey: "alice", taskId: "chat", units: 10.75 }]);
      await ledger.tryReserve("alice", "chat", 0.5);
      expect((await ledger.tryReserve("alice", "chat", free()))?.units).toBe(10.25);
      expect(free()).toBe(0);
    });

    it("gives back once, however often it is told", async () => {
      const hold = await ledger.tryReserve("alice", "chat", 50);
      await ledger.tryReserve("alice", "chat", 10);
      if (hold === null) throw new Error("no room");
      ledger.release(hold, 5);
      ledger.release(hold, 5);
      expect(free()).toBe(85);
      expect(ledger.inFlight("alice")).toBe(1);
    });

    it("has nothing free, not less, where a request used more than it held", async () => {
      const hold = await ledger.tryReserve("alice", "chat", 90);
      if (hold !== null) ledger.release(hold, 130);
      expect(free()).toBe(0);
    });

    it("does not charge the last period's requests to the new one", async () => {
      const hold = await ledger.tryReserve("alice", "chat", 60);
      ledger.startPeriod([{ hotkey: "alice", taskId: "chat", units: 40 }]);
      expect(free()).toBe(40);
      expect(ledger.inFlight("alice")).toBe(1);
      if (hold !== null) ledger.release(hold, 60);
      expect(free()).toBe(40);
      expect(ledger.inFlight("alice")).toBe(0);
    });

    it("counts a miner's requests over all its tasks, also of one that left while they were under way", async () => {
      ledger.startPeriod([
        { hotkey: "alice", taskId: "chat", units: 10 },
        { hotkey: "alice", taskId: "image", units: 10 },
      ]);
      const holds = [await ledger.tryReserve("alice", "chat", 1), await ledger.tryReserve("alice", "image", 1)];
      expect(ledger.inFlight("alice")).toBe(2);
      ledger.startPeriod([{ hotkey: "bob", taskId: "chat", units: 10 }]);
      await ledger.tryReserve("bob", "chat", 1);
      expect([ledger.inFlight("alice"), ledger.inFlight("bob")]).toEqual([2, 1]);
      for (const hold of holds) if (hold !== null) ledger.release(hold, 1);
      expect([ledger.inFlight("alice"), ledger.inFlight("bob")]).toEqual([0, 1]);
    });

    it("takes a budget that is no number, or below zero, as none", () => {
      ledger.startPeriod([
        { hotkey: "alice", taskId: "chat", units: Number.NaN },
        { hotkey: "bob", taskId: "chat", units: -5 },
      ]);
      expect([free(), ledger.free("bob", "chat")]).toEqual([0, 0]);
    });

    describe("with a pace", () => {
      const pace = { unitsPerHour: 3_600, burstUnits: 100 };
      const account = { hotkey: "alice", taskId: "chat", units: 3_600, pace };
      let nowMs: number;
      const take = (units: number) => ledger.tryReserve("alice", "chat", units);
      beforeEach(async () => {
        nowMs = 5_000_000;
        ledger = await open(() => nowMs);
        ledger.startPeriod([account]);
      });

      it("asks for no burst that was not declared, however much of the period's budget is left", async () => {
        expect([(await take(60)) !== null, await take(60)]).toEqual([true, null]);
        expect([free(), ledger.inFlight("alice"), ledger.freeFraction("alice", "chat")]).toEqual([39, 1, 0.39]);
        nowMs += 21_000;
        expect([free(), (await take(60)) !== null, free()]).toEqual([60, true, 0]);
      });

      it("has room for one large request where nothing is in use, and says so", async () => {
        expect([free(), ledger.freeFraction("alice", "chat")]).toEqual([3_600, 1]);
        expect([(await take(2_000)) !== null, await take(1), free()]).toEqual([true, null, 0]);
      });

      it("gives back what was not used, also of a request that began in the period before", async () => {
        const hold = await take(80);
        ledger.startPeriod([account]);
        expect(free()).toBe(19);
        if (hold !== null) ledger.release(hold, 10);
        expect(free()).toBe(89);
        expect(ledger.budget("alice", "chat")).toBe(3_600);
      });

      it("goes on with what was used before the process was started again", async () => {
        ledger.startPeriod([{ ...account, hotkey: "bob", usedUnits: 70 }]);
        expect([ledger.free("bob", "chat"), ledger.freeFraction("bob", "chat")]).toEqual([30, 0.3]);
        nowMs += 40_000;
        expect([await ledger.tryReserve("bob", "chat", 71), (await ledger.tryReserve("bob", "chat", 70)) !== null]).toEqual([null, true]);
      });
    });

    it("stays within its budget under any order of reserving and releasing", async () => {
      const holds = await Promise.all(Array.from({ length: 30 }, (_, index) => ledger.tryReserve("alice", "chat", 1 + (index % 9))));
      const held = holds.reduce((sum, hold) => sum + (hold?.units ?? 0), 0);
      expect(held).toBeLessThanOrEqual(100);
      expect(free()).toBe(100 - held);
      for (const hold of [...holds].reverse()) if (hold !== null) ledger.release(hold, hold.units);
      expect(free()).toBe(100 - held);
    });
  });
}
