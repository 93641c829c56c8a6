import { Redis } from "ioredis";

/** A connection to Redis that comes back by itself, over which scripts run one after another. Nothing waits while it is away. */
export type RedisLink<Script extends string> = {
  /** Runs a script under the prefix. Rejects when no answer comes in time: whether it ran is not known then. */
  run(script: Script, prefix: string, values: readonly string[]): Promise<unknown>;
  /** Ends the connection and makes a new one: what is still on its way over the last one is not waited for. */
  renew(): void;
  /** Calls the listener whenever scripts can be run again. */
  onOpen(listener: () => void): void;
  /** Calls the listener when the connection is gone, with the reason where one is known. */
  onGone(listener: (error: unknown) => void): void;
  close(): void;
};

/** A user's request waits for it: longer than Redis on a busy machine takes, and short beside an answer. */
const ANSWER_LIMIT_MS = 500;
const CONNECT_LIMIT_MS = 5_000;
const LONGEST_RETRY_MS = 2_000;

/** Connects in the background, again and again. `scripts` are Lua by name. */
export function connectRedis<Script extends string>(url: string, scripts: Readonly<Record<Script, string>>): RedisLink<Script> {
  const redis = new Redis(url, {
    connectionName: "vision-validator",
    connectTimeout: CONNECT_LIMIT_MS,
    commandTimeout: ANSWER_LIMIT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(LONGEST_RETRY_MS, 100 * attempt),
  });
  const opened = new Set<() => void>();
  let digests = new Map<string, string>();
  let lastError: unknown = new Error("Redis was not reached yet");
  let isClosed = false;
  const renew = () => redis.disconnect(!isClosed);
  /** They are gone with a server that was started again. */
  const load = async () => {
    const entries = Object.entries<string>(scripts);
    const loaded = await Promise.all(entries.map(async ([name, lua]) => [name, String(await redis.script("LOAD", lua))] as const));
    digests = new Map(loaded);
    for (const listener of opened) listener();
  };
  redis.on("error", (error) => {
    lastError = error;
  });
  redis.on("ready", () => {
    load().catch((error: unknown) => {
      lastError = error;
      renew();
    });
  });
  return {
    run: (script, prefix, values) => redis.evalsha(digests.get(script) ?? "", 1, prefix, ...values),
    renew,
    onOpen: (listener) => void opened.add(listener),
    onGone: (listener) => void redis.on("close", () => listener(lastError)),
    close() {
      isClosed = true;
      redis.disconnect();
    },
  };
}
