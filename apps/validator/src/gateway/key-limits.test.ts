import { describe, expect, it } from "@jest/globals";
import type { ApiKeyRecord } from "../domain/records/index.js";
import { createManualClock } from "../testing/manual-clock.js";
import { createKeyLimits, type KeyLimits } from "./key-limits.js";

const key: ApiKeyRecord = {
  ...{
    id: "one",
    name: "one",
    prefix: "sk-one",
    createdAtMs: 0,
    revokedAtMs: null,
    lastUsedAtMs: null,
    sharesRequests: false,
    monthlyUnits: null,
    paidUnits: null,
  },
  ...{ requestsPerMinute: 12, tokensPerMinute: 100, concurrentRequests: 3 },
};

function setUp() {
  const clock = createManualClock();
  const gateways = new Map<string, KeyLimits>(["a", "b"].map((name) => [name, createKeyLimits({ clock })]));
  const of = (name: string): KeyLimits => {
    const limits = gateways.get(name) ?? createKeyLimits({ clock });
    gateways.set(name, limits);
    return limits;
  };
  /** All hear all others. */
  const exchange = () => {
    const said = new Map([...gateways].map(([name, limits]) => [name, limits.ownUses()]));
    for (const [name, limits] of gateways) limits.noteOthers(new Map([...said].filter(([other]) => other !== name)));
  };
  /** Requests that are let in and end, one after the other, until one is not. */
  const countLetIn = (name: string, { hasLeft = false, tokens = 0 } = {}) => {
    for (let count = 0; count < 1_000; count += 1) {
      try {
        const { admission } = of(name).admit(key);
        try {
          admission.hold(tokens, tokens);
        } finally {
          admission.end({ hasLeft });
        }
      } catch {
        return count;
      }
    }
    return 1_000;
  };
  exchange();
  return { clock, gateways, of, exchange, countLetIn };
}

describe("limits of keys", () => {
  it("regression: a clock that was set back had every key in use refused until it had caught up", async () => {
    const { clock, countLetIn } = setUp();
    expect(countLetIn("a")).toBe(12);
    clock.stepWall(-120_000);
    await clock.advance(10_000);
    expect(countLetIn("a")).toBe(2);
  });
});

describe("limits of keys at several gateways", () => {
  it("let a key use its minute once, not once at each", async () => {
    const { clock, exchange, countLetIn } = setUp();
    expect(countLetIn("a")).toBe(12);
    exchange();
    exchange();
    expect(countLetIn("b")).toBe(0);
    await clock.advance(10_000);
    expect(countLetIn("b")).toBe(2);
    exchange();
    expect(countLetIn("a")).toBe(0);
  });

  it("have what was taken at two at once paid back", async () => {
    const { clock, exchange, countLetIn } = setUp();
    expect([countLetIn("a"), countLetIn("b")]).toEqual([12, 12]);
    exchange();
    await clock.advance(60_000);
    expect([countLetIn("a"), countLetIn("b")]).toEqual([0, 0]);
    await clock.advance(5_000);
    expect(countLetIn("a")).toBe(1);
  });

  it("count tokens as they were delivered, and answers that were left", async () => {
    const { exchange, of, countLetIn } = setUp();
    const { admission } = of("a").admit(key);
    admission.hold(80, 80);
    admission.settle(30);
    admission.end({ hasLeft: false });
    exchange();
    const other = of("b").admit(key).admission;
    expect(other.hold(10, 10)).toMatchObject({ "x-ratelimit-remaining-tokens": "60" });
    other.end({ hasLeft: false });
    const leaving = setUp();
    expect(leaving.countLetIn("a", { hasLeft: true })).toBe(10);
    leaving.exchange();
    expect(leaving.countLetIn("b")).toBe(0);
    expect(countLetIn("b", { tokens: 61 })).toBe(0);
  });

  it("count requests at a time together, and none of one that is gone", () => {
    const { gateways, exchange, of } = setUp();
    const held = [of("a").admit(key), of("a").admit(key)];
    exchange();
    const own = of("b").admit(key);
    expect(() => of("b").admit(key)).toThrow("under way");
    held[0]?.admission.end({ hasLeft: false });
    exchange();
    of("b").admit(key).admission.end({ hasLeft: false });
    own.admission.end({ hasLeft: false });
    gateways.delete("a");
    exchange();
    for (let count = 0; count < 3; count += 1) of("b").admit(key);
    expect(() => of("b").admit(key)).toThrow("under way");
  });

  it("take over nothing that was used before one began to listen, and a minute's at most after a silence", async () => {
    const { clock, exchange, countLetIn, of } = setUp();
    for (let minute = 0; minute < 5; minute += 1) {
      countLetIn("a");
      await clock.advance(60_000);
    }
    exchange();
    expect(countLetIn("b")).toBe(0);
    of("late");
    exchange();
    expect(countLetIn("late")).toBe(12);
    await clock.advance(60_000);
    expect(countLetIn("b")).toBeGreaterThan(0);
    expect(of("b").ownUses()).toHaveLength(1);
    await clock.advance(200_000);
    expect(of("a").ownUses()).toEqual([]);
  });
});
