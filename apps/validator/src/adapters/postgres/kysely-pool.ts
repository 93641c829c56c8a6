import type { PostgresPool } from "kysely";
import type pg from "pg";
import { isUnreachable } from "./store-error.js";

type Query = (text: string, values: readonly unknown[]) => Promise<{ command: "UPDATE"; rowCount: number; rows: never[] }>;

/**
 * The pool as Kysely uses it. Kysely puts a connection back whatever happened on it, and rolls back on it first: on one that hangs that
 * would take a second time limit, and the next user would get it. One that failed is closed instead, which rolls back as well.
 */
export function createKyselyPool(pool: pg.Pool): PostgresPool {
  return {
    async connect() {
      const client = await pool.connect();
      let isBroken = false;
      const query: Query = async (text, values) => {
        if (isBroken) return { command: "UPDATE", rowCount: 0, rows: [] };
        try {
          return (await client.query(text, [...values])) as Awaited<ReturnType<Query>>;
        } catch (error) {
          isBroken = isUnreachable(error);
          throw error;
        }
      };
      return { query: query as unknown as Awaited<ReturnType<PostgresPool["connect"]>>["query"], release: () => client.release(isBroken) };
    },
    end: () => pool.end(),
  };
}
