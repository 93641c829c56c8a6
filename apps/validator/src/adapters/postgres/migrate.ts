import { VisionError } from "@vision/protocol";
import type pg from "pg";
import { migrations as allMigrations, type Migration } from "./migrations/index.js";
import { isUnreachable } from "./store-error.js";

const LOCK_KEY = 7_602_481_933; // any fixed number; it only has to be ours

/** Waits until nobody else changes the schema, and keeps everybody else from it until the client's transaction is over. */
export async function lockMigrations(client: pg.ClientBase): Promise<void> {
  await client.query("select pg_advisory_xact_lock($1)", [LOCK_KEY]);
}

/** Makes the table that counts the migrations, where it is missing. */
export async function createMigrationTable(client: pg.ClientBase): Promise<void> {
  await client.query(
    "create table if not exists migrations (number bigint primary key, name text not null, applied_at_ms bigint not null)",
  );
}

/** Applies migrations in the client's transaction and records them. `onStep` is told of each before it runs. */
export async function applyMigrations(
  client: pg.ClientBase,
  migrations: readonly Migration[],
  onStep: (migration: Migration) => void = () => undefined,
): Promise<void> {
  for (const migration of migrations) {
    onStep(migration);
    await client.query(migration.sql);
    await client.query("insert into migrations values ($1, $2, (extract(epoch from clock_timestamp()) * 1000)::bigint)", [
      migration.number,
      migration.name,
    ]);
  }
}

/**
 * Brings the schema up to date, in one transaction under an advisory lock: several processes may start at once, and a failure leaves
 * the schema as it was.
 *
 * @returns The numbers of the migrations that were applied; empty when there was nothing to do.
 * @throws {@link VisionError} `STORE_MIGRATION_FAILED` when a step fails, or when the database was made by a newer program.
 */
export async function migrate(pool: pg.Pool, migrations: readonly Migration[] = allMigrations): Promise<readonly number[]> {
  const newest = migrations.at(-1)?.number ?? 0;
  const client = await pool.connect();
  let current = "the migration table";
  try {
    await client.query("begin");
    // The wait for another process's migration may be long, and so may a migration of a large table.
    await client.query("set local statement_timeout = 0");
    await lockMigrations(client);
    await createMigrationTable(client);
    const { rows } = await client.query<{ number: number }>("select coalesce(max(number), 0) as number from migrations");
    const present = rows[0]?.number ?? 0;
    if (present > newest) {
      throw new VisionError({
        code: "STORE_MIGRATION_FAILED",
        message: `The database has schema ${present}, this program knows only up to ${newest}.`,
        hint: "Run the newer version of the validator that made it, or point this one at another database.",
        facts: { present, newest },
      });
    }
    const missing = migrations.filter((migration) => migration.number > present);
    await applyMigrations(client, missing, ({ number, name }) => {
      current = `migration ${number} (${name})`;
    });
    await client.query("commit");
    client.release();
    return missing.map((migration) => migration.number);
  } catch (cause) {
    // The connection may be in any state; closing it also rolls back.
    client.release(true);
    if (VisionError.isInstance(cause) || isUnreachable(cause)) throw cause;
    throw new VisionError({
      code: "STORE_MIGRATION_FAILED",
      message: `The database schema could not be brought up to date: ${current} failed: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: "Nothing was changed. Check the database user's rights, or restore the backup that was made before the update.",
      cause,
    });
  }
}
