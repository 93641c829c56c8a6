import { setTimeout as delay } from "node:timers/promises";
import { VisionError } from "@vision/protocol";
import pg from "pg";
import type { Logger } from "../../ports/index.js";
import { endClient } from "./end-client.js";
import { guard } from "./store-error.js";

const LOCK_KEY = 7_602_481_935; // beside those of the migrations and of the switch of periods
const CONNECT_MS = 3_000;
/** A validator that has just been killed still holds its claim for a moment. */
const WAIT_MS = 3_000;
const POLL_MS = 200;
const RETRY_MS = 1_000;
// A holder whose machine lost power is noticed within half a minute instead of two hours.
const keepAlive = "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";

/** The right to be the one validator that works on a database. */
export type DatabaseClaim = { release(): Promise<void> };

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS, keepAlive: true });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Claims a database for as long as the connection lasts, if nobody else has. */
export async function tryClaimDatabase(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_lock($1) as taken", [LOCK_KEY]);
  return rows[0]?.taken === true;
}

/** The time by the database server's clock, Unix milliseconds. */
export async function readServerClock(url: string): Promise<number> {
  const client = await connect(url);
  try {
    const { rows } = await client.query<{ at: string }>("select extract(epoch from clock_timestamp()) * 1000 as at");
    return Number(rows[0]?.at);
  } finally {
    await endClient(client);
  }
}

/** Whether a validator works on the database at the moment. */
export async function isDatabaseClaimed(url: string): Promise<boolean> {
  const client = await connect(url);
  try {
    return !(await tryClaimDatabase(client));
  } finally {
    await endClient(client);
  }
}

/**
 * Claims a database for this process, until it is released or the process ends, however it ends: two validators on one database would
 * open periods over each other's, and stop each other's embedded server. The claim is a lock of a session of its own; after a lost
 * connection it is taken again.
 *
 * @param dependencies.onLost - Called when another validator was faster after a lost connection.
 * @throws {@link VisionError} `STORE_IN_USE` when a validator works on it, `STORE_UNREACHABLE`.
 */
export async function claimDatabase(
  url: () => string,
  dependencies: { readonly logger: Logger; readonly onLost: (error: VisionError) => void },
): Promise<DatabaseClaim> {
  const { logger, onLost } = dependencies;
  const released = new AbortController();
  let held: pg.Client | null = null;

  async function take(): Promise<void> {
    const deadlineMs = performance.now() + WAIT_MS;
    const client = await connect(url());
    try {
      while (!(await tryClaimDatabase(client))) {
        if (performance.now() > deadlineMs) {
          throw new VisionError({
            code: "STORE_IN_USE",
            message: "Another validator works on this database.",
            hint: "Stop it first, or give this one a data folder (database.dataDir) or a database (DATABASE_URL) of its own.",
          });
        }
        await delay(POLL_MS, undefined, { signal: released.signal });
      }
      await client.query(keepAlive);
    } catch (error) {
      await endClient(client);
      throw error;
    }
    if (released.signal.aborted) return endClient(client);
    held = client;
    client.once("end", () => {
      if (!released.signal.aborted) void takeAgain();
    });
  }

  async function takeAgain(): Promise<void> {
    logger.debug("The claim on the database was lost with its connection; it is taken again");
    while (!released.signal.aborted) {
      try {
        return await take();
      } catch (error) {
        if (VisionError.isInstance(error, "STORE_IN_USE")) return onLost(error);
        await delay(RETRY_MS, undefined, { signal: released.signal }).catch(() => undefined);
      }
    }
  }

  await guard(take);
  return {
    async release() {
      released.abort(new Error("the claim is released"));
      if (held !== null) await endClient(held);
    },
  };
}
