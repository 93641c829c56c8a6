import { randomUUID } from "node:crypto";
import type { LedgerBudget } from "../../domain/declared-budget.js";
import { PACE_SLACK_MS, pacedMs } from "../../domain/pace.js";
import type { CapacityLedger, Clock, Reservation } from "../../ports/index.js";
import type { DependencyGuard } from "../../services/dependency-guard.js";
import type { Service } from "../../services/supervise.js";
import type { SharedLedger } from "../ledger-shared.js";
import type { RedisLink } from "./connect-redis.js";
import { parseChange, parseJoined, parseSight } from "./ledger-replies.js";
import type { ledgerScripts } from "./ledger-scripts.js";
import { type Account, createOwnUses } from "./own-uses.js";

/** How processes share a ledger. */
export type RedisLedgerOptions = {
  /** What its keys begin with; the same in all processes that share it, and in no others. */
  readonly prefix: string;
  /** The time that leases and paces are counted by, milliseconds; left out, Redis' own, on which all machines agree. */
  readonly nowMs?: () => number;
};

type LedgerScript = keyof typeof ledgerScripts;

/** What it works with. */
export type RedisLedgerDependencies = {
  /** Loaded with {@link ledgerScripts}. */
  readonly link: RedisLink<LedgerScript>;
  /** What this process knows, for its threads. */
  readonly shared: SharedLedger;
  /** The clock of `shared`, milliseconds. */
  readonly monotonicMs: () => number;
  readonly guard: Pick<DependencyGuard, "markUp" | "markDown">;
  readonly clock: Clock;
};

/** A ledger that several processes share. */
export type RedisLedger = CapacityLedger &
  Pick<SharedLedger, "period" | "onPeriod"> &
  Service & {
    /** How many processes share it, this one included, as last heard; null before it was reached. */
    processes(): number | null;
    close(): void;
  };

/** What others take is seen this much later at most; nobody but Redis decides by it. */
const LOOK_EVERY_MS = 500;
/** Who says nothing for so long is dead: what it held is given back. */
const LIVES_MS = 10_000;
/** What a process has said is kept so long after its last word, for when it comes back. Longer than a period and what is late of it. */
const KEPT_MS = 2 * 86_400_000;
/** Of a ledger that was never reached nobody knows how many processes share it. */
const UNKNOWN_PROCESSES = 8;

type Hold = { readonly account: Account; readonly units: number };

/**
 * A {@link CapacityLedger} that processes on any machines share through Redis. Whoever takes asks Redis, which decides in one step; what is
 * read without waiting (`free`, `inFlight`) is what was heard last, kept in shared memory for this process's threads.
 *
 * While Redis is away each process goes on with a share of its own: of what was free when it was heard last, and of every pace, one part in
 * as many as there were processes. All their shares together are no more than was free. Each remembers what it took, and says all of it
 * when Redis is back, even where Redis has forgotten everything; what is said twice counts once.
 */
export function createRedisLedger(options: RedisLedgerOptions, dependencies: RedisLedgerDependencies): RedisLedger {
  const { prefix } = options;
  const { link, shared, monotonicMs, guard, clock } = dependencies;
  const own = createOwnUses();
  const holds = new Map<number, Hold>();
  let budgets = new Map<string, LedgerBudget>();
  let period = 0;
  const self = randomUUID();
  /** Counts connections, so that what an earlier one sent late changes nothing. */
  let token = 0;
  let isIn = false;
  let processes: number | null = null;
  /** Until when each pace is in use, all processes together, as last heard, and by what was taken here since; this process's clock. */
  const heardFullAtMs = new Map<string, number>();
  const awayFullAtMs = new Map<string, number>();

  const keyOf = (hotkey: string, taskId: string) => `${hotkey} ${taskId}`;
  const time = () => (options.nowMs === undefined ? "" : String(options.nowMs()));
  const shares = () => processes ?? UNKNOWN_PROCESSES;
  const paceOf = ({ hotkey, taskId }: Account) => budgets.get(keyOf(hotkey, taskId))?.pace ?? null;

  /** Everything that was free is others' now, but for this process's share of it. */
  function takeShare(): void {
    const count = shares();
    shared.setShare(count);
    for (const { hotkey, taskId } of budgets.values()) {
      const others = shared.others(hotkey, taskId);
      shared.setOthers(hotkey, taskId, others + unpacedFree(hotkey, taskId) * (1 - 1 / count));
    }
  }
  /** What is left of a period's budget, whatever its pace. */
  function unpacedFree(hotkey: string, taskId: string): number {
    const taken = shared.others(hotkey, taskId) + own.takenUnits({ period, hotkey, taskId });
    return Math.max(0, shared.budget(hotkey, taskId) - taken);
  }

  function leave(error: unknown): void {
    guard.markDown("redis", error);
    if (!isIn) return;
    isIn = false;
    takeShare();
  }

  /** Runs a script and reads what it answers; undefined where nothing came that could be read. */
  async function ask<Value>(script: LedgerScript, values: readonly string[], parse: (reply: unknown) => Value): Promise<Value | undefined> {
    const asked = token;
    try {
      const reply = parse(await link.run(script, prefix, [time(), ...values]));
      return asked === token && isIn ? reply : undefined;
    } catch (error) {
      // What of this connection's commands has arrived is not known any more; everything is said anew over the next one.
      if (asked === token && isIn) {
        leave(error);
        link.renew();
      }
      return undefined;
    }
  }

  /** Redis has forgotten this process, or buried it while it stood still. */
  function forgotten(): void {
    if (!isIn) return;
    leave(new Error("Redis does not know this process any more"));
    join();
  }

  function accountsToSay(): readonly string[] {
    const nowMs = monotonicMs();
    const left = (times: Map<string, number>, key: string) => Math.max(0, (times.get(key) ?? 0) - nowMs);
    const uses = new Map(own.all().map((use) => [`${use.period} ${keyOf(use.hotkey, use.taskId)}`, use]));
    const none = { takenUnits: 0, heldUnits: 0, requests: 0 };
    for (const { hotkey, taskId } of budgets.values()) {
      const key = `${period} ${keyOf(hotkey, taskId)}`;
      if (!uses.has(key)) uses.set(key, { period, hotkey, taskId, ...none });
    }
    return [...uses.values()].flatMap((use) => {
      const key = keyOf(use.hotkey, use.taskId);
      const isNow = use.period === period;
      const usedMs = isNow ? left(heardFullAtMs, key) : 0;
      const moreMs = isNow ? left(awayFullAtMs, key) / shares() : 0;
      const beganUnits = isNow ? (budgets.get(key)?.usedUnits ?? 0) : 0;
      const numbers = [use.takenUnits, use.heldUnits, use.requests, usedMs, moreMs, beganUnits];
      return numbers.every((each) => each === 0) ? [] : [String(use.period), use.hotkey, use.taskId, ...numbers.map(String)];
    });
  }

  function join(): void {
    token += 1;
    const values = [String(LIVES_MS), self, String(token), String(KEPT_MS), ...accountsToSay()];
    awayFullAtMs.clear();
    // Whatever is sent from now on comes behind it on the same connection.
    isIn = true;
    shared.setShare(1);
    void ask("join", values, parseJoined).then((joined) => {
      if (joined !== undefined) guard.markUp("redis");
    });
    void look();
  }

  async function look(): Promise<void> {
    const looked = period;
    const sight = await ask("look", [String(LIVES_MS), self, String(token), String(period), String(KEPT_MS)], parseSight);
    if (sight === undefined || looked !== period) return;
    if (sight === null) return forgotten();
    processes = sight.processes;
    const numberOf = (fields: ReadonlyMap<string, string>, field: string) => Number(fields.get(field) ?? 0);
    const hotkeys = new Set<string>();
    for (const { hotkey, taskId } of budgets.values()) {
      hotkeys.add(hotkey);
      const key = keyOf(hotkey, taskId);
      const ownUnits = Number((sight.own.get(`${period} ${key}`) ?? "0").split(" ")[0]);
      shared.setOthers(hotkey, taskId, Math.max(0, numberOf(sight.taken, key) - ownUnits));
      noteFullAt(hotkey, taskId, numberOf(sight.paceLeftMs, key));
    }
    for (const hotkey of hotkeys) {
      shared.setOthersInFlight(hotkey, Math.max(0, numberOf(sight.requests, hotkey) - numberOf(sight.own, hotkey)));
    }
  }

  function noteFullAt(hotkey: string, taskId: string, leftMs: number): void {
    const fullAtMs = monotonicMs() + leftMs;
    heardFullAtMs.set(keyOf(hotkey, taskId), fullAtMs);
    shared.setFullAt(hotkey, taskId, fullAtMs);
  }

  /** Sends a change of an account. Resolves to whether it was taken, or null where nobody can tell. A refusal is undone before others' uses are noted. */
  async function change(
    script: "reserve" | "release",
    account: Account,
    values: readonly string[],
    onRefused: () => void = () => undefined,
  ): Promise<boolean | null> {
    const { hotkey, taskId } = account;
    const told = await ask(script, [self, String(token), String(account.period), hotkey, taskId, ...values, String(KEPT_MS)], parseChange);
    if (told === null) forgotten();
    if (told === null || told === undefined) return null;
    if (!told.isTaken) onRefused();
    if (account.period === period) {
      shared.setOthers(hotkey, taskId, told.othersUnits);
      noteFullAt(hotkey, taskId, told.paceLeftMs);
    }
    shared.setOthersInFlight(hotkey, Math.max(0, told.othersRequests));
    return told.isTaken;
  }

  /** Counts what is taken of a pace while nobody can be told. */
  function noteAway(account: Account, units: number): void {
    const pace = paceOf(account);
    if (pace === null) return;
    const key = keyOf(account.hotkey, account.taskId);
    const nowMs = monotonicMs();
    const fromMs = Math.max(nowMs, awayFullAtMs.get(key) ?? nowMs);
    awayFullAtMs.set(key, fromMs + pacedMs(pace, units) * shares());
  }

  async function confirm(reservation: Reservation, hold: Hold): Promise<Reservation | null> {
    const { account, units } = hold;
    const pace = paceOf(account);
    const rate = pace === null ? ["", "0"] : [String(pace.unitsPerHour), String(pace.burstUnits)];
    const budget = shared.budget(account.hotkey, account.taskId);
    const isTaken = await change("reserve", account, [String(units), String(budget), ...rate, String(PACE_SLACK_MS)], () => {
      holds.delete(reservation.id);
      own.end(account, units, 0);
      shared.release(reservation, 0);
    });
    // Redis went away meanwhile: the share has room for it.
    if (isTaken === null) noteAway(account, units);
    return isTaken === false ? null : reservation;
  }

  link.onOpen(join);
  link.onGone(leave);
  shared.setShare(UNKNOWN_PROCESSES);

  return {
    name: "ledger",
    startPeriod(next, number) {
      period = number ?? period + 1;
      budgets = new Map(next.map((budget) => [keyOf(budget.hotkey, budget.taskId), budget]));
      own.forgetBefore(period);
      for (const key of heardFullAtMs.keys()) if (!budgets.has(key)) heardFullAtMs.delete(key);
      shared.startPeriod(next, period);
      if (!isIn) return takeShare();
      // The units that it began with have to be known to Redis before any of it is taken.
      if (next.some(({ usedUnits = 0 }) => usedUnits > 0)) join();
      else void look();
    },
    tryReserve(hotkey, taskId, units) {
      const reservation = shared.tryReserve(hotkey, taskId, units);
      if (reservation === null) return null;
      const hold = { account: { period, hotkey, taskId }, units };
      holds.set(reservation.id, hold);
      own.take(hold.account, units);
      if (isIn) return confirm(reservation, hold);
      noteAway(hold.account, units);
      return reservation;
    },
    release(reservation, usedUnits) {
      const hold = holds.get(reservation.id);
      if (hold === undefined) return;
      holds.delete(reservation.id);
      const { account, units } = hold;
      const used = Math.max(0, usedUnits);
      own.end(account, units, used);
      shared.release(reservation, used);
      const pace = paceOf(account);
      if (!isIn) return noteAway(account, used - units);
      void change("release", account, [String(units), String(used), pace === null ? "" : String(pace.unitsPerHour)]);
    },
    budget: (hotkey, taskId) => shared.budget(hotkey, taskId),
    free: (hotkey, taskId) => shared.free(hotkey, taskId),
    freeFraction: (hotkey, taskId) => shared.freeFraction(hotkey, taskId),
    inFlight: (hotkey) => shared.inFlight(hotkey),
    period: () => shared.period(),
    onPeriod: (listener) => shared.onPeriod(listener),
    processes: () => processes,
    async run(signal) {
      for (;;) {
        await clock.sleep(LOOK_EVERY_MS, signal);
        if (isIn) await look();
      }
    },
    close: () => link.close(),
  };
}
