import { VisionError } from "@vision/protocol";
import { LRUCache } from "lru-cache";
import type { ApiKeyRecord } from "../domain/records/index.js";
import type { ApiKeyStore, Clock, Logger } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import { hashApiKey } from "./api-key.js";
import { STORE_LIMIT_MS, withinTime } from "./within-time.js";

/** What a sender whose key is not known to be good has left. */
export type StrangerBudget = {
  /** @throws {@link ApiError} 429 when nothing is left. */
  take(): void;
  giveBack(): void;
};

/** Tells whose key a request carries. */
export type Authenticator = {
  /**
   * The key of an `Authorization` header. Whoever has no key that is known to be good pays for being looked at.
   *
   * @throws {@link ApiError} 401 for a missing, unknown or revoked key; 503 when keys cannot be looked up; what the budget throws.
   */
  authenticate(authorization: string | undefined, stranger: StrangerBudget): Promise<ApiKeyRecord>;
  /** Writes when keys were last used. */
  flush(): Promise<void>;
};

/** A key that was found good. Looked up again when it is used after that time. */
type GoodKey = { readonly record: ApiKeyRecord; freshUntilMs: number };

const KEPT_GOOD_KEYS = 10_000;
const KEPT_BAD_KEYS = 10_000;
/** Lookups under way at once: keys that nobody has must not take the database from everything else. */
const MOST_LOOKUPS = 64;
/** A key that was good before waits less long for the database, and then is good. */
const REFRESH_LIMIT_MS = 500;
const LONGEST_KEY = 256;
const FLUSH_EVERY_MS = 60_000;

/**
 * Looks keys up by digest and remembers the answer for a few seconds, so that a request costs no query and a revoked key dies soon. Good and
 * bad keys are kept apart: no number of wrong keys makes a good one forgotten. While the database is away or slow, keys that were good before
 * stay good and nobody waits for it.
 */
export function createAuthenticator(
  options: { readonly cacheMs: number },
  dependencies: { readonly store: Pick<ApiKeyStore, "findApiKey" | "touchApiKeys">; readonly clock: Clock; readonly logger: Logger },
): Authenticator {
  const { store, clock, logger } = dependencies;
  const good = new LRUCache<string, GoodKey>({ max: KEPT_GOOD_KEYS });
  const badUntilMs = new LRUCache<string, number>({ max: KEPT_BAD_KEYS });
  const lookups = new Map<string, Promise<ApiKeyRecord | null>>();
  let isStoreIll = false;
  let uses = new Map<string, number>();
  let flushedAtMs = clock.monotonicMs();

  const read = async (sha256Hex: string): Promise<ApiKeyRecord | null> => {
    try {
      const record = await withinTime(store.findApiKey(sha256Hex), STORE_LIMIT_MS, clock);
      isStoreIll = false;
      const untilMs = clock.monotonicMs() + options.cacheMs;
      if (record !== null && record.revokedAtMs === null) {
        good.set(sha256Hex, { record, freshUntilMs: untilMs });
        return record;
      }
      good.delete(sha256Hex);
      badUntilMs.set(sha256Hex, untilMs);
      return null;
    } catch (error) {
      if (VisionError.isInstance(error, "STORE_UNREACHABLE")) isStoreIll = true;
      throw error;
    }
  };

  /** One question for all that ask for the same key at once. */
  const lookUp = (sha256Hex: string): Promise<ApiKeyRecord | null> => {
    const running = lookups.get(sha256Hex);
    if (running !== undefined) return running;
    if (lookups.size >= MOST_LOOKUPS) {
      return Promise.reject(new VisionError({ code: "STORE_UNREACHABLE", message: "Too many API keys are being looked up." }));
    }
    const started = read(sha256Hex).finally(() => lookups.delete(sha256Hex));
    lookups.set(sha256Hex, started);
    return started;
  };

  const refresh = async (sha256Hex: string, known: GoodKey): Promise<ApiKeyRecord | null> => {
    if (clock.monotonicMs() < known.freshUntilMs) return known.record;
    // Asked again once in a while only; and while the last answer is that it is away, nobody waits for the next one.
    const isWaitedFor = !isStoreIll;
    known.freshUntilMs = clock.monotonicMs() + Math.min(options.cacheMs, STORE_LIMIT_MS);
    const looked = lookUp(sha256Hex);
    looked.catch((error: unknown) => {
      if (!VisionError.isInstance(error, "STORE_UNREACHABLE")) logger.warn("An API key could not be looked up", { error });
    });
    if (!isWaitedFor) return known.record;
    return withinTime(looked, REFRESH_LIMIT_MS, clock).catch((error: unknown) => {
      if (!VisionError.isInstance(error, "STORE_UNREACHABLE")) throw error;
      isStoreIll = true;
      return known.record;
    });
  };

  const authenticator: Authenticator = {
    async authenticate(authorization, stranger) {
      const key = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
      if (key === undefined || key.length > LONGEST_KEY) {
        stranger.take();
        throw key === undefined ? missingKey() : wrongKey();
      }
      const sha256Hex = hashApiKey(key);
      const known = good.get(sha256Hex);
      let record: ApiKeyRecord | null;
      if (known !== undefined) {
        record = await refresh(sha256Hex, known);
      } else {
        stranger.take();
        record = clock.monotonicMs() < (badUntilMs.get(sha256Hex) ?? 0) ? null : await lookUp(sha256Hex);
        if (record !== null) stranger.giveBack();
      }
      if (record === null) throw wrongKey();
      const nowMs = clock.monotonicMs();
      uses.set(record.id, clock.nowMs());
      if (nowMs - flushedAtMs >= FLUSH_EVERY_MS) {
        flushedAtMs = nowMs;
        void authenticator.flush();
      }
      return record;
    },
    async flush() {
      const pending = uses;
      uses = new Map();
      if (pending.size === 0) return;
      try {
        await store.touchApiKeys(pending);
      } catch (error) {
        logger.debug("The last use of API keys could not be written", { keyCount: pending.size, error });
      }
    },
  };
  return authenticator;
}

function missingKey(): ApiError {
  return new ApiError({
    status: 401,
    code: "invalid_api_key",
    message: "You didn't provide an API key. Send it in an Authorization header: Authorization: Bearer YOUR_KEY.",
  });
}

function wrongKey(): ApiError {
  return new ApiError({ status: 401, code: "invalid_api_key", message: "Incorrect API key provided." });
}
