import type { ApiKeyRecord } from "../domain/records/index.js";
import type { Clock } from "../ports/index.js";
import { tooManyRequests } from "./api-error.js";
import type { KeyBudgets, OpenRequest } from "./key-budgets.js";
import { createKeyUses, type KeyUse, type KeyUses } from "./key-uses.js";
import { createRateLimiter, type RateDecision } from "./rate-limiter.js";

/** One request that its key's limits let in. */
export type Admission = {
  readonly key: ApiKeyRecord;
  /**
   * Takes what the answer is expected to be from the key's tokens, and holds the most that it may be of the key's budget.
   *
   * @returns OpenAI's headers for tokens.
   * @throws {@link ApiError} 429 when they are used up, or nothing is left of the budget.
   */
  hold(units: number, mostUnits: number): Readonly<Record<string, string>>;
  /** Says what was delivered, in place of what was held. Without it what was held stays taken. */
  settle(deliveredUnits: number): void;
  /** What was delivered is in the usage book: nothing of the budget is held any more. */
  release(): void;
  /** The request is over. `hasLeft`: the user went away before its end. Later calls change nothing. */
  end(options: { readonly hasLeft: boolean }): void;
};

/** Limits of keys: requests a minute, tokens a minute, requests at a time, requests left unfinished; and budgets. */
export type KeyLimits = {
  /**
   * Counts a request against its key.
   *
   * @throws {@link ApiError} 429; `headers` of it are set as for a request that passes. What of budgets has to be known is known by then.
   */
  admit(key: ApiKeyRecord): { readonly admission: Admission; readonly headers: Readonly<Record<string, string>> };
  /** Requests that were admitted and are not over. */
  underWay(): number;
  /** Resolves when none is under way. */
  idle(): Promise<void>;
  /** What keys have used here lately, for other gateways. */
  ownUses(): readonly KeyUse[];
  /** Takes what keys have used at other gateways, by process, as each says it of itself: it counts as if it had been used here. */
  noteOthers(others: ReadonlyMap<string, readonly KeyUse[]>): void;
};

/** Answers that a key may leave unfinished in a minute, as a share of its requests. People stop answers; programs that always do cost miners. */
const LEFT_FRACTION = 0.5;
const FEWEST_LEFT_PER_MINUTE = 10;

const leftPerMinute = (requestsPerMinute: number) => Math.max(FEWEST_LEFT_PER_MINUTE, requestsPerMinute * LEFT_FRACTION);

/** As OpenAI writes times until a reset: `1s`, `6m0s`, `120ms`. */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.ceil(ms))}ms`;
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function headersOf(what: "requests" | "tokens", { limit, remaining, resetMs }: RateDecision): Readonly<Record<string, string>> {
  return {
    [`x-ratelimit-limit-${what}`]: String(limit),
    [`x-ratelimit-remaining-${what}`]: String(remaining),
    [`x-ratelimit-reset-${what}`]: duration(resetMs),
  };
}

/** Where no key has a budget. */
const noBudgets: Pick<KeyBudgets, "open" | "openUnits"> = {
  open: () => ({ hold: () => undefined, release: () => undefined }),
  openUnits: () => 0,
};

/** In this process's memory; what others count in theirs is added as it is heard. */
export function createKeyLimits({
  clock,
  uses = createKeyUses(),
  budgets = noBudgets,
}: {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly uses?: KeyUses;
  readonly budgets?: Pick<KeyBudgets, "open" | "openUnits">;
}): KeyLimits {
  const requests = createRateLimiter();
  const tokens = createRateLimiter();
  const left = createRateLimiter();
  const underWay = new Map<string, number>();
  let total = 0;
  let wakers: (() => void)[] = [];

  return {
    underWay: () => total,
    ownUses: () => uses.own(clock.monotonicMs()).map((use) => ({ ...use, openUnits: budgets.openUnits(use.keyId) })),
    noteOthers(others) {
      const nowMs = clock.monotonicMs();
      for (const use of uses.noteOthers(others)) {
        const charge = (limiter: typeof requests, perMinute: number, units: number) => {
          // After a time in which nothing was heard no more than a minute's: older uses are over.
          if (units !== 0) limiter.charge({ key: use.keyId, perMinute, units: Math.min(units, perMinute) }, nowMs);
        };
        charge(requests, use.requestsPerMinute, use.requests);
        charge(left, leftPerMinute(use.requestsPerMinute), use.left);
        if (use.tokensPerMinute !== null) charge(tokens, use.tokensPerMinute, use.tokens);
      }
    },
    idle: () => (total === 0 ? Promise.resolve() : new Promise((resolve) => wakers.push(resolve))),
    admit(key) {
      const nowMs = clock.monotonicMs();
      const rate = requests.take({ key: key.id, perMinute: key.requestsPerMinute }, nowMs);
      const headers = headersOf("requests", rate);
      if (!rate.isAllowed) {
        throw tooManyRequests(`Rate limit reached: this key may make ${rate.limit} requests per minute.`, rate.retryAfterMs, headers);
      }
      uses.add(key, { requests: 1 }, nowMs);
      const leftShare = { key: key.id, perMinute: leftPerMinute(key.requestsPerMinute) };
      const mayLeave = left.look(leftShare, nowMs);
      if (!mayLeave.isAllowed) {
        const message = `Too many answers were left before their end: this key may leave ${Math.floor(leftShare.perMinute)} per minute.`;
        throw tooManyRequests(message, mayLeave.retryAfterMs, headers);
      }
      const count = underWay.get(key.id) ?? 0;
      if (count + uses.underWayElsewhere(key.id) >= key.concurrentRequests) {
        throw tooManyRequests(`This key may have ${key.concurrentRequests} requests under way at a time.`, 1_000, headers);
      }
      const spending: OpenRequest = budgets.open(key, headers);
      underWay.set(key.id, count + 1);
      uses.add(key, { underWay: 1 }, nowMs);
      total += 1;

      const { tokensPerMinute } = key;
      let heldUnits = 0;
      let isOver = false;
      const admission: Admission = {
        key,
        hold(units, mostUnits) {
          spending.hold(mostUnits);
          if (tokensPerMinute === null) return {};
          const share = tokens.take({ key: key.id, perMinute: tokensPerMinute, units }, clock.monotonicMs());
          const tokenHeaders = headersOf("tokens", share);
          if (!share.isAllowed) {
            throw tooManyRequests(
              `Rate limit reached: this key may take ${share.limit} tokens per minute.`,
              share.retryAfterMs,
              tokenHeaders,
            );
          }
          heldUnits = Math.min(units, tokensPerMinute);
          uses.add(key, { tokens: heldUnits }, clock.monotonicMs());
          return tokenHeaders;
        },
        settle(deliveredUnits) {
          if (tokensPerMinute === null) return;
          tokens.charge({ key: key.id, perMinute: tokensPerMinute, units: deliveredUnits - heldUnits }, clock.monotonicMs());
          uses.add(key, { tokens: deliveredUnits - heldUnits }, clock.monotonicMs());
          heldUnits = deliveredUnits;
        },
        release: spending.release,
        end({ hasLeft }) {
          if (isOver) return;
          isOver = true;
          spending.release();
          total -= 1;
          const others = (underWay.get(key.id) ?? 1) - 1;
          if (others > 0) underWay.set(key.id, others);
          else underWay.delete(key.id);
          uses.add(key, { underWay: -1, left: hasLeft ? 1 : 0 }, clock.monotonicMs());
          if (hasLeft) left.charge(leftShare, clock.monotonicMs());
          if (total > 0) return;
          for (const wake of wakers) wake();
          wakers = [];
        },
      };
      return { admission, headers };
    },
  };
}
