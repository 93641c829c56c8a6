import { existsSync } from "node:fs";
import type { VisionError } from "@vision/protocol";
import type { Logger, Store } from "../ports/index.js";
import { type EmbeddedPostgres, serverPaths, startEmbeddedPostgres } from "./embedded-postgres/index.js";
import { claimDatabase, type DatabaseClaim, isDatabaseClaimed, openPostgresStore, readServerClock } from "./postgres/index.js";

/** Which database. Without a URL it is the embedded one of the data folder. */
export type DatabaseSettings = { readonly url?: string | undefined; readonly dataDir: string; readonly maxConnections?: number };

/** An open database. */
export type Database = {
  readonly store: Store;
  /** Where it answers now, credentials and all; an embedded server may move. */
  url(): string;
  /**
   * Makes this process the one validator that works on it.
   *
   * @throws VisionError `STORE_IN_USE`
   */
  claim(onLost: (error: VisionError) => void): Promise<void>;
  /** The time by the server's clock, Unix milliseconds; null for one on this machine, whose clock is ours. */
  readClockMs(): Promise<number | null>;
  /** Closes the store, and ends an embedded server unless another process needs it. Once is enough; more changes nothing. */
  close(): Promise<void>;
};

/** Ends an embedded server, unless it ran before or somebody has claimed its database meanwhile. */
async function leaveServer(server: EmbeddedPostgres): Promise<void> {
  const isNeeded = server.isAdopted || (await isDatabaseClaimed(server.url()).catch(() => false));
  return isNeeded ? server.release() : server.stop();
}

/** Whether the folder holds an embedded database already. */
export function hasEmbeddedDatabase(dataDir: string): boolean {
  return existsSync(serverPaths(dataDir).clusterDir);
}

/**
 * Works with the URL of a configuration's database as it is, whatever schema it has; the embedded server is started where it does not run,
 * and ended again.
 *
 * @throws VisionError `STORE_UNREACHABLE`; whatever the work throws.
 */
export async function withDatabaseServer<Result>(
  { url, dataDir }: DatabaseSettings,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  if (url !== undefined) return work(url);
  const server = await startEmbeddedPostgres({ dataDir, signal }, { logger });
  try {
    return await work(server.url());
  } finally {
    await leaveServer(server);
  }
}

function isOnThisMachine(url: string | undefined): boolean {
  // Without a host it is a local socket.
  const host = url !== undefined && URL.canParse(url) ? new URL(url).hostname : "";
  return ["", "localhost", "127.0.0.1", "[::1]"].includes(host);
}

/**
 * Opens the database of a configuration, starting the embedded server where it does not run. Who has claimed it ends the server; who has
 * not ends it only if it started it itself and nobody has claimed it meanwhile.
 *
 * @throws VisionError `STORE_UNREACHABLE`, `STORE_MIGRATION_FAILED`.
 */
export async function openDatabase(
  settings: DatabaseSettings,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<Database> {
  const { dataDir, maxConnections } = settings;
  const server = settings.url === undefined ? await startEmbeddedPostgres({ dataDir, signal }, { logger }) : null;
  const url = () => settings.url ?? server?.url() ?? "";
  let claim: DatabaseClaim | null = null;
  let closing: Promise<void> | null = null;

  async function closeServer(): Promise<void> {
    if (server === null) return claim?.release();
    if (claim === null) return leaveServer(server);
    // Told to stop first: who waits for the claim must not get it from a server that ends.
    const stopping = server.stop();
    await claim.release();
    await stopping;
  }

  try {
    const store = await openPostgresStore({ url, ...(maxConnections === undefined ? {} : { maxConnections }) }, { logger });
    return {
      store,
      url,
      async claim(onLost) {
        claim = await claimDatabase(url, { logger, onLost });
      },
      readClockMs: async () => (isOnThisMachine(settings.url) ? null : readServerClock(url())),
      close() {
        closing ??= store.close().finally(closeServer);
        return closing;
      },
    };
  } catch (error) {
    await closeServer();
    throw error;
  }
}
