import { Redis } from "ioredis";
import type { RedisState } from "../../domain/judge-redis.js";

const LIMIT_MS = 5_000;

/** Looks at a Redis. Rejects when it cannot be reached or does not let this program in. */
export async function inspectRedis(url: string): Promise<RedisState> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: LIMIT_MS,
    commandTimeout: LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // What it says of the reason; a rejected connect tells only that it is closed.
  let reason: unknown = null;
  redis.on("error", (error) => {
    reason = error;
  });
  try {
    await redis.connect();
    const info = await redis.info("server", "memory");
    const find = (field: string) => new RegExp(`^${field}:(.*)$`, "m").exec(info)?.[1]?.trim() ?? null;
    return { version: find("redis_version"), evictionPolicy: find("maxmemory_policy"), usedBytes: Number(find("used_memory") ?? 0) };
  } catch (error) {
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}
