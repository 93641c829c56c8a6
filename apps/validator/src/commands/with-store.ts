import { startEmbeddedPostgres } from "../adapters/embedded-postgres/index.js";
import { createPinoLogger } from "../adapters/logger/index.js";
import { openPostgresStore } from "../adapters/postgres/index.js";
import type { ValidatorConfig } from "../config/index.js";
import type { Store } from "../ports/index.js";

/** Works on the store of a configuration. An embedded database that runs already is left running. */
export async function withStore<Result>(
  database: ValidatorConfig["database"],
  signal: AbortSignal,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const logger = createPinoLogger({ level: "warn" });
  const server = database.url === undefined ? await startEmbeddedPostgres({ dataDir: database.dataDir, signal }, { logger }) : null;
  try {
    const store = await openPostgresStore({ url: database.url ?? (() => server?.url() ?? ""), maxConnections: 2 }, { logger });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } finally {
    if (server !== null) await (server.isAdopted ? server.release() : server.stop());
  }
}
