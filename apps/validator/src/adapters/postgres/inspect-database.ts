import pg from "pg";
import type { DatabaseState } from "../../domain/judge-database.js";
import { migrations } from "./migrations/index.js";
import { guard } from "./store-error.js";

const CONNECT_MS = 5_000;
const QUERY_MS = 10_000;

/** Looks at a database and changes nothing in it. @throws VisionError `STORE_UNREACHABLE`. */
export async function inspectDatabase(url: string): Promise<DatabaseState> {
  return guard(async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, query_timeout: QUERY_MS });
    client.on("error", () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<{ version: number; size: string; has_schema: boolean }>(
        "select current_setting('server_version_num')::int as version, pg_database_size(current_database()) as size, to_regclass('migrations') is not null as has_schema",
      );
      const [row] = rows;
      const schema =
        row?.has_schema === true ? await client.query<{ number: string }>("select max(number) as number from migrations") : null;
      return {
        serverVersion: row?.version ?? 0,
        schema: Number(schema?.rows[0]?.number ?? 0),
        newestSchema: migrations.at(-1)?.number ?? 0,
        sizeBytes: Number(row?.size ?? 0),
      };
    } finally {
      await client.end();
    }
  });
}
