import { describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { emptyRoutingRecord, type RoutingRecord, withOutcome } from "../domain/routing-record.js";
import type { Candidate } from "../ports/index.js";
import { type RoutingState, selectMiner } from "./select-miner.js";

type Miner = { readonly quality?: number | null; readonly firstTokenMs?: number; readonly record?: Partial<RoutingRecord> };
const nowMs = 100_000;

const candidate = (hotkey: string, { quality = 1, firstTokenMs, record = {} }: Miner): Candidate => ({
  target: { hotkey, host: "127.0.0.1", port: 1 },
  taskId: "chat-tiny",
  capacityPerHour: 1_000,
  sampler: "unknown",
  record: {
    ...emptyRoutingRecord,
    quality,
    firstToken: firstTokenMs === undefined ? null : { meanMs: firstTokenMs, peakMs: firstTokenMs, peakAtMs: nowMs },
    ...record,
  },
});

type Facts = {
  readonly free?: Readonly<Record<string, number>>;
  readonly inFlight?: Readonly<Record<string, number>>;
  readonly prefix?: string | null;
  readonly affinityFactor?: number;
  readonly units?: number;
};

const stateOf = ({ free = {}, inFlight = {}, prefix = null, affinityFactor = 2, units = 1 }: Facts): RoutingState => ({
  ledger: {
    free: (hotkey) => free[hotkey] ?? 1_000,
    freeFraction: (hotkey) => (free[hotkey] ?? 1_000) / 1_000,
    inFlight: (hotkey) => inFlight[hotkey] ?? 0,
  },
  ...{ units, nowMs, prefix, affinityFactor },
});

const toCandidates = (miners: Readonly<Record<string, Miner>>) => Object.entries(miners).map(([hotkey, miner]) => candidate(hotkey, miner));

/** How often each miner is chosen in 1,000 requests. */
function shares(miners: Readonly<Record<string, Miner>>, facts: Facts = {}): Readonly<Record<string, number>> {
  const random = createSeededRandom("shares", []);
  const counts: Record<string, number> = {};
  for (let request = 0; request < 1_000; request += 1) {
    const chosen = selectMiner(toCandidates(miners), stateOf(facts), random)?.target.hotkey ?? "nobody";
    counts[chosen] = (counts[chosen] ?? 0) + 1;
  }
  return counts;
}

describe("selectMiner", () => {
  it("asks nobody where nobody can be asked", () => {
    expect(shares({})).toEqual({ nobody: 1_000 });
    expect(shares({ alice: {} }, { free: { alice: 9 }, units: 10 })).toEqual({ nobody: 1_000 });
    expect(shares({ alice: { record: { sparedUntilMs: nowMs + 1 } }, bob: { record: { brokenUntilMs: nowMs + 1 } } })).toEqual({
      nobody: 1_000,
    });
    expect(shares({ alice: { record: { sparedUntilMs: nowMs } } })).toEqual({ alice: 1_000 });
  });

  it("compares two: the worst of three is never asked, the others share the rest", () => {
    const chosen = shares({ alice: { firstTokenMs: 100 }, bob: { firstTokenMs: 110 }, carol: { firstTokenMs: 120 } });
    expect(chosen["carol"]).toBeUndefined();
    expect(chosen["alice"]).toBeGreaterThan(600);
    expect(chosen["bob"]).toBeGreaterThan(280);
  });

  it("sends requests where fewer are in flight, answers start sooner, are better, and more is free", () => {
    expect(shares({ a: {}, b: {} }, { inFlight: { a: 1 } })).toEqual({ b: 1_000 });
    expect(shares({ a: { firstTokenMs: 90 }, b: { firstTokenMs: 80 } })).toEqual({ b: 1_000 });
    expect(shares({ a: { quality: 0.9 }, b: { quality: 1 } })).toEqual({ b: 1_000 });
    expect(shares({ a: {}, b: {} }, { free: { a: 400 } })).toEqual({ b: 1_000 });
  });

  it("weighs them against each other: two in flight at a fast miner are less than one at a slow one", () => {
    const miners = { fast: { firstTokenMs: 20 }, slow: { firstTokenMs: 100 } };
    expect(shares(miners, { inFlight: { fast: 2 } })).toEqual({ fast: 1_000 });
    expect(shares(miners, { inFlight: { fast: 9 } })).toEqual({ slow: 1_000 });
  });

  it("never lets a bad miner or a newcomer compete with good ones, however idle, and asks them where nobody else has room", () => {
    const miners = { good: {}, bad: { quality: 0.2 }, junk: { quality: 0 }, newcomer: { quality: null } };
    expect(shares(miners, { inFlight: { good: 50 } })).toEqual({ good: 1_000 });
    expect(shares(miners, { free: { good: 0 } })).toEqual({ newcomer: 1_000 });
    expect(shares({ junk: { quality: 0 } })).toEqual({ junk: 1_000 });
  });

  it("expects an ordinary time of a miner that nothing is known of", () => {
    expect(shares({ fast: { firstTokenMs: 10 }, slow: { firstTokenMs: 100 }, unknown: {} })["slow"]).toBeUndefined();
    expect(shares({ slow: { firstTokenMs: 100 }, unknown: {} }, { inFlight: { unknown: 1 } })).toEqual({ slow: 1_000 });
  });

  it("lets one request at a time show whether a broken miner answers again", () => {
    const fail = { outcome: "failed", blame: "miner", firstTokenMs: null, durationMs: 1, retryAfterMs: null, silentMs: null } as const;
    let record = emptyRoutingRecord;
    for (let failure = 0; failure < 3; failure += 1) record = withOutcome(record, fail, 0);
    const miners = { alice: { record: { ...record, quality: 1 } } };
    expect(shares(miners)).toEqual({ alice: 1_000 });
    expect(shares(miners, { inFlight: { alice: 1 } })).toEqual({ nobody: 1_000 });
  });

  describe("a conversation's own miner", () => {
    const miners = { a: { firstTokenMs: 100 }, b: { firstTokenMs: 110 }, c: { firstTokenMs: 120 } };
    const prefixes = Array.from({ length: 300 }, (_, index) => `You are helpful.\nQuestion ${index}`);
    const random = createSeededRandom("affinity", []);
    const ownerOf = (prefix: string, facts: Facts = {}) =>
      selectMiner(toCandidates(miners), stateOf({ ...facts, prefix }), random)?.target.hotkey;

    it("stays the same over its requests, and conversations are spread over all", () => {
      for (const prefix of prefixes) expect(ownerOf(prefix)).toBe(ownerOf(prefix));
      expect(new Set(prefixes.map((prefix) => ownerOf(prefix)))).toEqual(new Set(["a", "b", "c"]));
    });

    it("is left while it is loaded beyond the bound", () => {
      const ofC = prefixes.filter((prefix) => ownerOf(prefix) === "c");
      const busy = new Set(ofC.map((prefix) => ownerOf(prefix, { inFlight: { c: 1 } })));
      expect(busy).toEqual(new Set(["a", "b"]));
      expect(new Set(ofC.map((prefix) => ownerOf(prefix, { inFlight: { c: 1 }, affinityFactor: 3 })))).toEqual(new Set(["c"]));
    });

    it("is no miner's where the bound is 1", () => {
      expect(new Set(prefixes.map((prefix) => ownerOf(prefix, { affinityFactor: 1 })))).toEqual(new Set(["a", "b"]));
    });
  });
});
