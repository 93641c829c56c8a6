import pg from "pg";
import type { Logger } from "../../ports/index.js";

/** How to reach the database. */
export type PoolOptions = {
  /** `postgresql://user:password@host:port/database`. */
  readonly url: string;
  /** Most connections held; a validator alone needs a few, each gateway process as many. */
  readonly maxConnections?: number;
  /** A statement that takes longer is cancelled, milliseconds. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for a connection, milliseconds. */
  readonly connectTimeoutMs?: number;
};

const INT8 = 20;
const NUMERIC = 1700;

/** Numbers that JavaScript holds exactly enough: counts, milliseconds and block numbers are far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format !== "binary" && (oid === INT8 || oid === NUMERIC)) return Number;
    return pg.types.getTypeParser(oid, format as "text");
  }) as typeof pg.types.getTypeParser,
};

/** Connection pool that reconnects by itself; a lost idle connection is only logged. */
export function createPool(options: PoolOptions, dependencies: { readonly logger: Logger }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    // The server's own timeout does not help when the network swallows the answer.
    query_timeout: (options.statementTimeoutMs ?? 30_000) + 5_000,
    idle_in_transaction_session_timeout: 60_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: "vision-validator",
    types,
  });
  pool.on("error", (error) => dependencies.logger.debug("A database connection was lost", { reason: error.message }));
  return pool;
}
