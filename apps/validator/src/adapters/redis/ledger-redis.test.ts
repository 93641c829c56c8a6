import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import type { LedgerBudget } from "../../domain/declared-budget.js";
import { describeLedgerContract } from "../../testing/ledger-contract.js";
import {
  hasOwnTestRedis,
  hasTestRedis,
  type OwnTestRedis,
  startOwnTestRedis,
  startTestRedis,
  type TestRedis,
} from "../../testing/test-redis.js";
import { createSystemClock } from "../clock.js";
import { createSharedLedger } from "../ledger-shared.js";
import { processMonotonicMs } from "../monotonic.js";
import { connectRedis, type RedisLink } from "./connect-redis.js";
import { createRedisLedger, type RedisLedger } from "./ledger-redis.js";
import { ledgerScripts } from "./ledger-scripts.js";

const describeWithRedis = hasTestRedis ? describe : describe.skip;
const describeWithOwnRedis = hasOwnTestRedis ? describe : describe.skip;
if (!hasTestRedis) process.stderr.write("There is no redis-server and no REDIS_URL: the ledger on Redis is not tested.\n");
else if (!hasOwnTestRedis) process.stderr.write("There is no redis-server: a Redis that goes away is not tested.\n");

type Script = keyof typeof ledgerScripts;
type OpenOptions = {
  readonly url?: string;
  readonly prefix?: string;
  readonly nowMs?: () => number;
  readonly break?: (link: RedisLink<Script>) => RedisLink<Script>;
};

let redis: TestRedis;
const ending: (() => void)[] = [];

/** A process's ledger, once Redis knows it. `die` ends it as kill -9 does: nothing is given back. */
async function open({ url = redis.url, prefix = redis.newPrefix(), nowMs, break: wrap = (link) => link }: OpenOptions = {}) {
  const link = wrap(connectRedis(url, ledgerScripts));
  const monotonicMs = nowMs ?? processMonotonicMs;
  const shared = createSharedLedger(monotonicMs);
  const stop = new AbortController();
  let told: "up" | "down" | null = null;
  const guard = {
    markUp() {
      told = "up";
    },
    markDown() {
      told = "down";
    },
  };
  // Looks all the time.
  const clock = { ...createSystemClock(), sleep: (_ms: number, signal: AbortSignal) => delay(2, undefined, { signal }) };
  const ledger = createRedisLedger({ prefix, ...(nowMs === undefined ? {} : { nowMs }) }, { link, shared, monotonicMs, guard, clock });
  ledger.run(stop.signal).catch(() => undefined);
  const die = () => {
    stop.abort();
    ledger.close();
  };
  ending.push(die);
  await until(() => told === "up");
  return { ...ledger, die, isUp: () => told === "up" };
}

/** Waits for what another process does; the test's own time limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(5);
}

const budget: LedgerBudget = { hotkey: "alice", taskId: "chat", units: 100 };
const free = (ledger: Pick<RedisLedger, "free">) => ledger.free("alice", "chat");
const take = (ledger: Pick<RedisLedger, "tryReserve">, units: number) => ledger.tryReserve("alice", "chat", units);

beforeAll(async () => {
  if (hasTestRedis) redis = await startTestRedis();
});
afterEach(() => {
  for (const end of ending.splice(0)) end();
});
afterAll(async () => redis?.stop());

describeWithRedis("on Redis", () => {
  describeLedgerContract("on Redis", (nowMs) => open(nowMs === undefined ? {} : { nowMs }));

  it("gives two processes no more than one budget, and tells each what the other takes", async () => {
    const prefix = redis.newPrefix();
    const [one, other] = await Promise.all([open({ prefix }), open({ prefix })]);
    for (const ledger of [one, other]) ledger.startPeriod([budget], 7);
    const holds = await Promise.all(Array.from({ length: 40 }, (_, index) => take(index % 2 === 0 ? one : other, 7)));
    expect(holds.filter((hold) => hold !== null)).toHaveLength(14);
    expect([await take(one, 3), await take(other, 3)]).toEqual([null, null]);
    expect([free(one), free(other), one.inFlight("alice"), other.inFlight("alice")]).toEqual([2, 2, 14, 14]);
    for (const [index, hold] of holds.entries()) if (hold !== null) (index % 2 === 0 ? one : other).release(hold, 1);
    await until(() => free(one) === 86);
    expect((await take(one, 86))?.units).toBe(86);
    expect(await take(other, 1)).toBeNull();
  });

  it("asks a miner for no more than its rate, however many processes ask", async () => {
    const prefix = redis.newPrefix();
    let nowMs = 5_000_000;
    const both = await Promise.all([0, 1].map(() => open({ prefix, nowMs: () => nowMs })));
    const paced = { ...budget, units: 3_600, pace: { unitsPerHour: 3_600, burstUnits: 100 } };
    for (const ledger of both) ledger.startPeriod([paced], 1);
    const [one, other] = both;
    if (one === undefined || other === undefined) throw new Error("no ledgers");
    expect([(await take(one, 60)) !== null, await take(other, 60), free(other)]).toEqual([true, null, 39]);
    nowMs += 2_000;
    expect([(await take(other, 41)) !== null, await take(one, 2)]).toEqual([true, null]);
  });

  it("gives back what a killed process held, keeps what it used, and knows one again that only stood still", async () => {
    const prefix = redis.newPrefix();
    let nowMs = 5_000_000;
    const [killed, other] = await Promise.all([0, 1].map(() => open({ prefix, nowMs: () => nowMs })));
    if (killed === undefined || other === undefined) throw new Error("no ledgers");
    for (const ledger of [killed, other]) ledger.startPeriod([budget], 1);
    const used = await take(killed, 30);
    if (used !== null) killed.release(used, 20);
    await take(killed, 50);
    const own = await take(other, 5);
    expect([free(other), other.inFlight("alice")]).toEqual([25, 2]);
    killed.die();
    // Time goes by for both: whoever is still there says so, or is taken for dead and comes back.
    await until(() => {
      nowMs += 1_000;
      return free(other) === 75;
    });
    await until(() => other.inFlight("alice") === 1);
    nowMs += 3_600_000;
    await until(() => other.processes() === 1);
    expect([free(other), other.inFlight("alice")]).toEqual([75, 1]);
    if (own !== null) other.release(own, 2);
    expect((await take(other, 78))?.units).toBe(78);
    expect(await take(other, 1)).toBeNull();
  });

  it("counts each use once, whatever becomes of commands and their replies", async () => {
    const prefix = redis.newPrefix();
    const random = createSeededRandom("faults", []);
    let areFaulty = true;
    /** Loses commands before they are sent, and replies after. */
    const breaking = (link: RedisLink<Script>): RedisLink<Script> => ({
      ...link,
      async run(script, key, values) {
        // Of those that say everything anew many are lost: uses of the connection before were counted twice.
        const luck = areFaulty ? random.nextInt(script === "join" ? 4 : 20) : 20;
        if (luck === 0) throw new Error("the command was lost");
        const reply = await link.run(script, key, values);
        if (luck === 1) throw new Error("the reply was lost");
        return reply;
      },
    });
    const all = await Promise.all([0, 1, 2].map(() => open({ prefix, break: breaking })));
    const large = { ...budget, units: 1e6 };
    for (const ledger of all) ledger.startPeriod([large], 1);
    let usedUnits = 0;
    const users = all.flatMap((ledger) =>
      Array.from({ length: 4 }, async () => {
        for (let request = 0; request < 60; request += 1) {
          const units = 1 + random.nextInt(50);
          const hold = await take(ledger, units);
          await delay(random.nextInt(3));
          if (hold === null) continue;
          const used = random.nextInt(units + 1);
          usedUnits += used;
          ledger.release(hold, used);
        }
      }),
    );
    await Promise.all(users);
    areFaulty = false;
    await until(() => all.every((ledger) => ledger.isUp() && free(ledger) === 1e6 - usedUnits && ledger.inFlight("alice") === 0));
    const late = await open({ prefix });
    late.startPeriod([large], 1);
    await until(() => free(late) === 1e6 - usedUnits);
    expect([late.inFlight("alice"), usedUnits > 1_000]).toEqual([0, true]);
  });
});

describeWithOwnRedis("while Redis is away", () => {
  let own: OwnTestRedis;
  beforeAll(async () => {
    own = await startOwnTestRedis();
  });
  afterAll(async () => own.stop());

  it("each process goes on with its share, and all is counted when Redis is back without anything it knew", async () => {
    const prefix = own.newPrefix();
    const both = await Promise.all([0, 1].map(() => open({ url: own.url, prefix })));
    for (const ledger of both) ledger.startPeriod([budget], 1);
    const [one, other] = both;
    if (one === undefined || other === undefined) throw new Error("no ledgers");
    const before = await take(one, 30);
    if (before !== null) one.release(before, 20);
    await until(() => both.every((ledger) => free(ledger) === 80 && ledger.processes() === 2));
    await own.kill();
    await until(() => both.every((ledger) => !ledger.isUp()));
    expect(both.map(free)).toEqual([40, 40]);
    const during = [await take(one, 40), await take(one, 1), await take(other, 25)];
    expect(during.map((hold) => hold?.units ?? null)).toEqual([40, null, 25]);
    if (during[0] != null) one.release(during[0], 10);
    expect(both.map(free)).toEqual([30, 15]);
    await own.restart();
    await until(() => both.every((ledger) => ledger.isUp() && free(ledger) === 45));
    expect(both.map((ledger) => ledger.inFlight("alice"))).toEqual([1, 1]);
    if (during[2] != null) other.release(during[2], 25);
    expect((await take(other, 45))?.units).toBe(45);
    await until(() => free(one) === 0);
  });

  it("nobody waits long for one that does not answer any more", async () => {
    const prefix = own.newPrefix();
    const ledger = await open({ url: own.url, prefix });
    ledger.startPeriod([budget], 1);
    await until(() => ledger.processes() === 1);
    own.freeze();
    const hold = await take(ledger, 60);
    expect([hold?.units, ledger.isUp(), free(ledger)]).toEqual([60, false, 40]);
    expect((await take(ledger, 40))?.units).toBe(40);
    own.thaw();
    await until(() => ledger.isUp());
    if (hold !== null) ledger.release(hold, 0);
    expect((await take(ledger, 60))?.units).toBe(60);
    expect(await take(ledger, 1)).toBeNull();
  });

  it("one that never reached it takes an eighth", async () => {
    const link = connectRedis("/nowhere/redis.sock", ledgerScripts);
    const guard = { markUp: () => undefined, markDown: () => undefined };
    const shared = createSharedLedger();
    const ledger = createRedisLedger({ prefix: "x" }, { link, shared, monotonicMs: processMonotonicMs, guard, clock: createSystemClock() });
    ending.push(() => ledger.close());
    ledger.startPeriod([{ ...budget, units: 800, pace: { unitsPerHour: 8_000, burstUnits: 400 } }], 1);
    expect([free(ledger), (await take(ledger, 20)) !== null, Math.round(free(ledger))]).toEqual([100, true, 30]);
  });
});
