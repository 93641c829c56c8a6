import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../adapters/embedded-postgres/index.js";
import { openPostgresStore } from "../adapters/postgres/index.js";
import { recordingLogger } from "./recording-logger.js";

/** A PostgreSQL server for one test file, with a migrated template to copy databases from. */
export type TestPostgres = {
  readonly server: EmbeddedPostgres;
  /** URL of a new database; with the schema already in it unless `isEmpty`. About 20 ms. */
  createDatabase(options?: { readonly isEmpty?: boolean }): Promise<string>;
  /** URL of one database that is emptied at each call; faster than a new one. */
  emptyDatabase(): Promise<string>;
  /** Runs one statement in the server's own database. */
  execute(text: string): Promise<void>;
  stop(): Promise<void>;
};

const truncateAll = `do $$ begin
  execute (select 'truncate ' || string_agg(tablename, ', ') from pg_tables where schemaname = 'public' and tablename <> 'migrations');
end $$`;

/** Starts a server in a temporary folder. Call once in `beforeAll`, and `stop` in `afterAll`. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "vision-test-postgres-"));
  const server = await startEmbeddedPostgres({ dataDir: join(folder, "data"), isDurable: false }, { logger: recordingLogger() });
  const execute = async (text: string, database?: string) => {
    const client = new pg.Client({ connectionString: server.url(database) });
    client.on("error", () => {});
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  await execute("create database template_vision");
  await (await openPostgresStore({ url: server.url("template_vision") }, { logger: recordingLogger() })).close();

  await execute("create database test_shared template template_vision");

  let created = 0;
  return {
    server,
    execute: (text) => execute(text),
    async createDatabase({ isEmpty = false } = {}) {
      created += 1;
      await execute(`create database test_${created} template ${isEmpty ? "template0" : "template_vision"}`);
      return server.url(`test_${created}`);
    },
    async emptyDatabase() {
      await execute(truncateAll, "test_shared");
      return server.url("test_shared");
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
