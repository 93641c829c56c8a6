import { VisionError } from "@vision/protocol";
import { LRUCache } from "lru-cache";
import { monthOf, startOfMonth } from "../domain/calendar.js";
import type { ApiKeyRecord } from "../domain/records/index.js";
import type { Clock, UsageStore } from "../ports/index.js";
import { ApiError, tooManyRequests } from "./api-error.js";
import type { UsageBook } from "./usage-book.js";
import { STORE_LIMIT_MS, withinTime } from "./within-time.js";

/** A request that takes from its key's budget. */
export type OpenRequest = {
  /** Holds the most that the request may take, until it is over. @throws {@link ApiError} as {@link KeyBudgets.open}. */
  hold(mostUnits: number): void;
  /** What it took is in the usage book, or it took nothing. Later calls change nothing. */
  release(): void;
};

/** Budgets of keys: work units a month, and work units that are paid for in advance. */
export type KeyBudgets = {
  /** Resolves when it is known what the key has been charged; undefined where nobody has to wait. Rejects with `STORE_UNREACHABLE`. */
  prepare(key: ApiKeyRecord): Promise<void> | undefined;
  /**
   * Lets a request in whose key has something left.
   *
   * @param headers - Sent with a refusal.
   * @throws {@link ApiError} 429: `insufficient_quota` where nothing is left; where what is left is held by requests under way,
   *   `rate_limit_exceeded`.
   */
  open(key: ApiKeyRecord, headers: Readonly<Record<string, string>>): OpenRequest;
  /** Work units of a key that others cannot read in the store: held, or not known to be written. */
  openUnits(keyId: string): number;
};

type Budgeted = Pick<ApiKeyRecord, "id" | "monthlyUnits" | "paidUnits">;
/** What the store said, and what of this process was in it. */
type Known = {
  readonly month: number;
  readonly monthUnits: number;
  readonly totalUnits: number;
  readonly writtenMonthUnits: number;
  readonly writtenTotalUnits: number;
  readonly atMs: number;
};

const KEPT_KEYS = 10_000;
/** What other gateways charged is known this much later at most, while a key is in use. */
const READ_EVERY_MS = 1_000;
/** What is older is waited for. */
const OLDEST_MS = 5_000;
/** A user waits no longer for what was known before. */
const REFRESH_LIMIT_MS = 500;
const NOT_OPEN: OpenRequest = { hold: () => undefined, release: () => undefined };

function isBudgeted({ monthlyUnits, paidUnits }: Budgeted): boolean {
  return monthlyUnits !== null || paidUnits !== null;
}

/** As OpenAI says it. A client that obeys `x-should-retry`, as OpenAI's and Anthropic's do, does not ask again by itself. */
function usedUp(message: string, headers: Readonly<Record<string, string>>, retryAfterMs: number | null): ApiError {
  return new ApiError({
    ...{ status: 429, type: "insufficient_quota", code: "insufficient_quota", message },
    headers: { ...headers, "x-should-retry": "false" },
    ...(retryAfterMs === null ? {} : { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)) }),
  });
}

/**
 * Knows what the store has charged a key by asking it at most once a second, and adds what this process knows better: what it noted since, and
 * the most that its requests under way may take. So one process alone lets through no more than what is left and one request.
 * While the database is away it goes by what it knew, and by what it counts itself.
 */
export function createKeyBudgets(dependencies: {
  readonly store: Pick<UsageStore, "getCharges">;
  readonly usage: Pick<UsageBook, "notedUnits" | "writtenUnits" | "betweenWrites">;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs" | "sleep">;
  /** Work units of a key that other gateways have open; see {@link KeyBudgets.openUnits}. */
  readonly openElsewhere: (keyId: string) => number;
}): KeyBudgets {
  const { store, usage, clock, openElsewhere } = dependencies;
  const known = new LRUCache<string, Known>({ max: KEPT_KEYS });
  const held = new Map<string, number>();
  const askedAtMs = new LRUCache<string, number>({ max: KEPT_KEYS });
  let due = new Set<string>();
  let reading: Promise<void> | null = null;
  let isStoreIll = false;

  async function read(): Promise<void> {
    const keyIds = [...due];
    due = new Set();
    const month = monthOf(clock.nowMs());
    const ask = async () => {
      const charges = new Map((await store.getCharges(keyIds, month)).map((each) => [each.keyId, each]));
      for (const keyId of keyIds) {
        const { monthUnits = 0, totalUnits = 0 } = charges.get(keyId) ?? {};
        known.set(keyId, {
          ...{ month, monthUnits, totalUnits, atMs: clock.monotonicMs() },
          writtenMonthUnits: usage.writtenUnits(keyId, month),
          writtenTotalUnits: usage.writtenUnits(keyId, null),
        });
      }
      return true;
    };
    // What the store cannot be asked is known as little as what it does not answer.
    isStoreIll = (await withinTime(usage.betweenWrites(ask), STORE_LIMIT_MS, clock).catch(() => null)) === null;
  }

  /** One question at a time, for all keys that are due. */
  function refresh(keyId: string): Promise<void> {
    due.add(keyId);
    askedAtMs.set(keyId, clock.monotonicMs());
    const next = (reading ?? Promise.resolve()).then(() => (due.has(keyId) ? read() : undefined));
    reading = next;
    void next.then(() => {
      if (reading === next) reading = null;
    });
    return next;
  }

  function used({ id }: Budgeted, month: number) {
    const said = known.get(id);
    const total = usage.notedUnits(id, null) + (said === undefined ? 0 : said.totalUnits - said.writtenTotalUnits);
    const isOfMonth = said?.month === month;
    return { total, ofMonth: usage.notedUnits(id, month) + (isOfMonth ? said.monthUnits - said.writtenMonthUnits : 0) };
  }

  function take(
    key: Budgeted,
    { headers, ownUnits }: { readonly headers: Readonly<Record<string, string>>; readonly ownUnits: number },
  ): void {
    const { id, monthlyUnits, paidUnits } = key;
    const nowMs = clock.nowMs();
    const month = monthOf(nowMs);
    const { total, ofMonth } = used(key, month);
    const leftOfMonth = monthlyUnits === null ? Number.POSITIVE_INFINITY : monthlyUnits - ofMonth;
    const leftOfCredit = paidUnits === null ? Number.POSITIVE_INFINITY : paidUnits - total;
    if (leftOfCredit <= 0) throw usedUp("The credit of this key is used up. Ask whoever gave you the key for more.", headers, null);
    if (leftOfMonth <= 0) {
      const nextAtMs = startOfMonth(month + 1);
      const day = new Date(nextAtMs).toISOString().slice(0, 10);
      const message = `The budget of this key, ${monthlyUnits} work units a month, is used up. It begins anew on ${day} (UTC).`;
      throw usedUp(message, headers, nextAtMs - nowMs);
    }
    const others = (held.get(id) ?? 0) - ownUnits + openElsewhere(id);
    if (Math.min(leftOfMonth, leftOfCredit) - others > 0) return;
    throw tooManyRequests("What is left of this key's budget is held by its requests under way.", 1_000, headers);
  }

  function change(keyId: string, units: number): void {
    const next = (held.get(keyId) ?? 0) + units;
    if (next > 0) held.set(keyId, next);
    else held.delete(keyId);
  }

  return {
    prepare(key) {
      if (!isBudgeted(key)) return undefined;
      const said = known.get(key.id);
      const nowMs = clock.monotonicMs();
      const isUsable = said !== undefined && said.month === monthOf(clock.nowMs()) && nowMs - said.atMs < OLDEST_MS;
      if (isUsable && nowMs - said.atMs < READ_EVERY_MS) return undefined;
      // While it does not answer it is asked once in a while, and nobody waits who need not.
      const isAskedLately = nowMs - (askedAtMs.get(key.id) ?? Number.NEGATIVE_INFINITY) < READ_EVERY_MS;
      if (said !== undefined && isAskedLately && (isUsable || isStoreIll)) return undefined;
      const wasIll = isStoreIll;
      const refreshed = refresh(key.id);
      if (isUsable || (said !== undefined && wasIll)) return undefined;
      return withinTime(refreshed, said === undefined ? STORE_LIMIT_MS : REFRESH_LIMIT_MS, clock).then(
        () => assertKnown(key.id),
        () => assertKnown(key.id),
      );
    },
    open(key, headers) {
      if (!isBudgeted(key)) return NOT_OPEN;
      take(key, { headers, ownUnits: 0 });
      // Until its body is read nobody knows more of it.
      let ownUnits = 1;
      let isOver = false;
      change(key.id, ownUnits);
      return {
        hold(mostUnits) {
          if (isOver) return;
          take(key, { headers: {}, ownUnits });
          const units = Math.max(1, mostUnits);
          change(key.id, units - ownUnits);
          ownUnits = units;
        },
        release() {
          if (isOver) return;
          isOver = true;
          change(key.id, -ownUnits);
        },
      };
    },
    openUnits: (keyId) => (held.get(keyId) ?? 0) + Math.max(0, usage.notedUnits(keyId, null) - usage.writtenUnits(keyId, null)),
  };

  function assertKnown(keyId: string): void {
    if (known.get(keyId) !== undefined) return;
    throw new VisionError({ code: "STORE_UNREACHABLE", message: "What a key has been charged could not be read." });
  }
}
