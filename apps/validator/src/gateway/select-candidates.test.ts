import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Candidate } from "../ports/index.js";
import { selectCandidates } from "./select-candidates.js";

const candidate = (hotkey: string, routingScore: number, capacityPerHour = 1_000): Candidate => ({
  target: { hotkey, host: "127.0.0.1", port: 1 },
  taskId: "chat-tiny",
  capacityPerHour,
  sampler: "unknown",
  routingScore,
});

function order(candidates: readonly Candidate[], free: Readonly<Record<string, number>>, units = 1): readonly string[] {
  const ledger = { free: (hotkey: string) => free[hotkey] ?? 0, inFlight: () => 0 };
  return selectCandidates(candidates, ledger, units).map(({ target }) => target.hotkey);
}

describe("selectCandidates", () => {
  it("puts the best miner first, not the first in the alphabet (W-09)", () => {
    const candidates = [candidate("a", 0.5), candidate("b", 1.2), candidate("c", 0.9)];
    expect(order(candidates, { a: 1_000, b: 1_000, c: 1_000 })).toEqual(["b", "c", "a"]);
  });

  it("hands over to the next one as the best fills up", () => {
    expect(order([candidate("a", 1), candidate("b", 0.8)], { a: 500, b: 1_000 })).toEqual(["b", "a"]);
  });

  it("leaves out who has no room for the request", () => {
    expect(order([candidate("a", 1), candidate("b", 0.1)], { a: 99, b: 100 }, 100)).toEqual(["b"]);
  });

  it("asks miners with a score of 0 last, the emptiest first", () => {
    expect(order([candidate("new", 0), candidate("old", 0.1), candidate("newer", 0)], { new: 500, old: 10, newer: 900 })).toEqual([
      "old",
      "newer",
      "new",
    ]);
  });

  it("never depends on the order that the candidates come in", () => {
    const arbitrary = fc.uniqueArray(
      fc.record({ hotkey: fc.string({ minLength: 1, maxLength: 3 }), score: fc.double({ min: 0, max: 1.5, noNaN: true }) }),
      {
        selector: ({ hotkey }) => hotkey,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(arbitrary, (miners) => {
        const candidates = miners.map(({ hotkey, score }) => candidate(hotkey, score));
        const free = Object.fromEntries(miners.map(({ hotkey }) => [hotkey, 500]));
        expect(order(candidates, free)).toEqual(order([...candidates].reverse(), free));
      }),
    );
  });
});
