import { VisionError } from "@vision/protocol";
import type { ApiKeyRecord, Clock, Logger, Store } from "../ports/index.js";
import { ApiError } from "./api-error.js";
import { hashApiKey } from "./api-key.js";

/** Tells whose key a request carries. */
export type Authenticator = {
  /**
   * The key of an `Authorization` header.
   *
   * @throws {@link ApiError} 401 for a missing, unknown or revoked key; 503 when keys cannot be looked up.
   */
  authenticate(authorization: string | undefined): Promise<ApiKeyRecord>;
  /** Writes when keys were last used. */
  flush(): Promise<void>;
};

type CacheEntry = { readonly record: ApiKeyRecord | null; readonly untilMs: number };

const LARGEST_CACHE = 10_000;
const LONGEST_KEY = 256;
const FLUSH_EVERY_MS = 60_000;

/**
 * Looks keys up by digest and remembers the answer for a few seconds, so that a request costs no query and a revoked key dies soon.
 * While the store is away, keys that were good shortly before stay good.
 */
export function createAuthenticator(
  options: { readonly cacheMs: number },
  dependencies: { readonly store: Pick<Store, "findApiKey" | "touchApiKeys">; readonly clock: Clock; readonly logger: Logger },
): Authenticator {
  const { store, clock, logger } = dependencies;
  const cache = new Map<string, CacheEntry>();
  let uses = new Map<string, number>();
  let flushedAtMs = clock.nowMs();

  const find = async (sha256Hex: string): Promise<ApiKeyRecord | null> => {
    const nowMs = clock.nowMs();
    const cached = cache.get(sha256Hex);
    if (cached !== undefined && nowMs < cached.untilMs) return cached.record;
    try {
      const record = await store.findApiKey(sha256Hex);
      cache.delete(sha256Hex);
      cache.set(sha256Hex, { record, untilMs: nowMs + options.cacheMs });
      if (cache.size > LARGEST_CACHE) {
        const oldest = cache.keys().next();
        if (oldest.done === false) cache.delete(oldest.value);
      }
      return record;
    } catch (error) {
      if (!VisionError.isInstance(error, "STORE_UNREACHABLE")) throw error;
      if (cached?.record !== undefined && cached.record !== null) return cached.record;
      throw new ApiError({
        status: 503,
        code: "overloaded",
        message: "API keys cannot be looked up at the moment. Try again shortly.",
        retryAfterSeconds: 5,
      });
    }
  };

  const authenticator: Authenticator = {
    async authenticate(authorization) {
      const key = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
      if (key === undefined) {
        throw new ApiError({
          status: 401,
          code: "invalid_api_key",
          message: "You didn't provide an API key. Send it in an Authorization header: Authorization: Bearer YOUR_KEY.",
        });
      }
      const record = key.length > LONGEST_KEY ? null : await find(hashApiKey(key));
      if (record === null || record.revokedAtMs !== null) {
        throw new ApiError({ status: 401, code: "invalid_api_key", message: "Incorrect API key provided." });
      }
      const nowMs = clock.nowMs();
      uses.set(record.id, nowMs);
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
