import { createLogger } from "@vision/program";
import { openDatabase } from "../adapters/open-database.js";
import type { ValidatorConfig } from "../config/index.js";
import type { Store } from "../ports/index.js";

/** Works on the store of a configuration. An embedded database that runs already, or that a validator has taken up meanwhile, is left running. */
export async function withStore<Result>(
  database: ValidatorConfig["database"],
  signal: AbortSignal,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const opened = await openDatabase({ ...database, maxConnections: 2 }, { logger: createLogger({ level: "warn" }), signal });
  try {
    return await work(opened.store);
  } finally {
    await opened.close();
  }
}
