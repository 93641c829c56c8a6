import pg from "pg";
import type { Logger } from "../../ports/index.js";
import { endInTime } from "./end-client.js";

/** How to reach the database. */
export type PoolOptions = {
  /** `postgresql://user:password@host:port/database`; a function is asked for every new connection, for a server that can move. */
  readonly url: string | (() => string);
  /** Most connections held; a validator alone needs a few, each gateway process as many. */
  readonly maxConnections?: number;
  /** A statement that takes longer is cancelled, milliseconds. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for a connection, milliseconds. */
  readonly connectTimeoutMs?: number;
};

/** How much later than the server we give up ourselves: its own limit does not help when it hangs or the network swallows the answer. */
const READ_GRACE_MS = 1_000;
const INT8 = 20;
const NUMERIC = 1700;

/** Numbers that JavaScript holds exactly enough: counts, milliseconds and block numbers are far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format !== "binary" && (oid === INT8 || oid === NUMERIC)) return Number;
    return pg.types.getTypeParser(oid, format as "text");
  }) as typeof pg.types.getTypeParser,
};

/**
 * Connection pool that reconnects by itself. A lost connection is only logged, whether it is idle or at work: the statement that runs on
 * it rejects, and nothing else may come of it. Every wait is bounded, also when the server hangs, and so is the end.
 */
export function createPool(options: PoolOptions, dependencies: { readonly logger: Logger }): pg.Pool {
  const { logger } = dependencies;
  const { url, statementTimeoutMs = 10_000, connectTimeoutMs = 3_000 } = options;

  const open = new Set<pg.Client>();

  class WatchedClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionString: typeof url === "string" ? url : url() });
      // The pool listens only while a client is idle; without a listener of its own one that is checked out would end the program.
      this.on("error", (error) => logger.debug("A database connection was lost", { reason: error.message }));
      this.connection.once("connect", () => open.add(this));
      this.once("end", () => open.delete(this));
    }
  }

  class WatchedPool extends pg.Pool {
    /** Statements under way have a moment. */
    override async end(callback?: () => void): Promise<void> {
      await endInTime(
        () => open,
        () => super.end(),
      );
      callback?.();
    }
  }

  const pool = new WatchedPool({
    Client: WatchedClient,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + READ_GRACE_MS,
    idle_in_transaction_session_timeout: 60_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: "vision-validator",
    types,
  });
  // Told by the client's own listener already.
  pool.on("error", () => undefined);
  return pool;
}
