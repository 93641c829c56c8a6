import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { VisionError } from "@vision/protocol";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { tryClaimDatabase } from "../postgres/claim-database.js";
import { applyMigrations, createMigrationTable, lockMigrations } from "../postgres/migrate.js";
import { migrations } from "../postgres/migrations/index.js";
import { copyTarget, listSequences, listTables, prepareCopySession, quoted, readRows } from "./copy-session.js";
import { type DumpHeader, LONGEST_LINE_BYTES, type TableProgress } from "./dump-format.js";
import { type DumpReader, type TableEnd, unusableDump } from "./dump-reader.js";
import { createRowDigest } from "./row-digest.js";
import { createLineSplitter } from "./split-lines.js";
import { storedTables } from "./stored-tables.js";

type Table = DumpHeader["tables"][number];

/** A table as it was restored. */
export type RestoredTable = { readonly name: string; readonly rows: number };

/** @throws VisionError `STORE_DUMP_INVALID` for a dump that this program cannot restore, before anything is touched. */
export function refuseForeignHeader({ schema, program, tables }: DumpHeader): void {
  const newest = migrations.at(-1)?.number ?? 0;
  if (schema > newest) {
    throw unusableDump(
      `it has schema ${schema} (of version ${program}), this program knows only up to ${newest}: use that version or a newer one`,
    );
  }
  const known: readonly string[] = storedTables;
  const unknown = tables.filter(({ name }) => !known.includes(name)).map(({ name }) => name);
  if (unknown.length > 0) throw unusableDump(`it holds tables that no validator has: ${unknown.join(", ")}`);
}

/** @throws VisionError `STORE_IN_USE`, `STORE_NOT_EMPTY`. */
async function refuseUsedDatabase(client: pg.Client): Promise<void> {
  if (!(await tryClaimDatabase(client))) {
    throw new VisionError({
      code: "STORE_IN_USE",
      message: "A validator works on this database.",
      hint: "Stop it first, and restore into an empty database: --into-new FOLDER, or another DATABASE_URL. Nothing was changed.",
    });
  }
  // What extensions bring is nobody's record.
  const { rows } = await client.query<{ name: string }>(
    `select relname::text as name from pg_class c
     where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') order by 1`,
  );
  if (rows.length === 0) return;
  throw new VisionError({
    code: "STORE_NOT_EMPTY",
    message: `The database is not empty: it has ${rows
      .slice(0, 3)
      .map(({ name }) => name)
      .join(", ")}${rows.length > 3 ? " and more" : ""}.`,
    hint: "Nothing was changed. Restore into a new one: --into-new FOLDER, or another DATABASE_URL.",
  });
}

/** The tables of the header as the database has them now: the same ones, with the same columns. */
async function matchTables(client: pg.Client, header: DumpHeader): Promise<void> {
  const describe = (tables: readonly { readonly name: string; readonly columns: readonly string[] }[]) =>
    JSON.stringify(tables.map(({ name, columns }) => [name, [...columns].sort()]).sort());
  if (describe(await listTables(client, storedTables)) !== describe(header.tables)) {
    throw unusableDump(`its tables are not those of schema ${header.schema}`);
  }
}

async function restoreTable(
  client: pg.Client,
  table: Table,
  { dump, onProgress }: { readonly dump: DumpReader; readonly onProgress: (progress: TableProgress) => void },
): Promise<TableEnd> {
  let end: TableEnd | null = null;
  async function* rows(): AsyncGenerator<Buffer> {
    const batches = dump.readTable(table.name);
    let count = 0;
    for (let batch = await batches.next(); ; batch = await batches.next()) {
      if (batch.done === true) {
        end = batch.value;
        return;
      }
      count += batch.value.length;
      onProgress({ table: table.name, rows: count, isWhole: false });
      yield Buffer.concat(batch.value);
    }
  }
  const copy = client.query(copyFrom(`copy ${copyTarget(table)} from stdin`));
  try {
    await pipeline(Readable.from(rows(), { objectMode: false }), copy);
  } catch (cause) {
    const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
    // 22 bad data, 23 a broken constraint: what the server refuses of the rows themselves.
    if (/^2[23]/.test(code)) throw unusableDump(`a row of ${table.name} is refused by the database`, cause);
    throw cause;
  }
  if (end === null) throw unusableDump(`the table ${table.name} has no end`);
  return end;
}

/** Reads a table back and compares it with what was dumped. */
async function verifyTable(client: pg.Client, table: Table, expected: TableEnd): Promise<void> {
  const digest = createRowDigest();
  const lines = createLineSplitter({ longestBytes: LONGEST_LINE_BYTES, tooLong: () => new Error("A row is too long.") });
  for await (const chunk of readRows(client, table)) for (const row of lines.push(chunk)) digest.add(row);
  if (digest.rows() !== expected.rows || digest.hex() !== expected.digest) {
    throw unusableDump(`the database holds ${digest.rows()} rows of ${table.name} that are not the ${expected.rows} that were dumped`);
  }
}

/** Numbers that the server gives out go on where they were. */
async function continueNumbers(client: pg.Client, { sequences, schema }: DumpHeader): Promise<void> {
  const present = await listSequences(client);
  if (JSON.stringify(sequences.map(({ name }) => name)) !== JSON.stringify(present)) {
    throw unusableDump(`its sequences are not those of schema ${schema}`);
  }
  for (const { name, last, isCalled } of sequences)
    await client.query("select setval($1::regclass, $2, $3)", [quoted(name), last, isCalled]);
}

/**
 * Restores a dump whose header was read, in one transaction: the schema of its time, the rows, which are read back and compared, and then
 * the migrations since. Whatever fails, the database is as empty as it was. A validator that starts meanwhile waits.
 *
 * @returns What was restored, and the migrations that followed.
 * @throws VisionError `STORE_DUMP_INVALID`, `STORE_IN_USE`, `STORE_NOT_EMPTY`.
 */
export async function restoreDump(
  client: pg.Client,
  {
    header,
    dump,
    onProgress,
  }: { readonly header: DumpHeader; readonly dump: DumpReader; readonly onProgress: (progress: TableProgress) => void },
): Promise<{ readonly tables: readonly RestoredTable[]; readonly migrations: readonly number[] }> {
  refuseForeignHeader(header);
  await prepareCopySession(client);
  await client.query("begin");
  await lockMigrations(client);
  await refuseUsedDatabase(client);
  await createMigrationTable(client);
  await applyMigrations(
    client,
    migrations.filter(({ number }) => number <= header.schema),
  );
  await matchTables(client, header);
  const ends: { readonly table: Table; readonly end: TableEnd }[] = [];
  for (const table of header.tables) ends.push({ table, end: await restoreTable(client, table, { dump, onProgress }) });
  await dump.readEnd();
  for (const { table, end } of ends) {
    await verifyTable(client, table, end);
    onProgress({ table: table.name, rows: end.rows, isWhole: true });
  }
  await continueNumbers(client, header);
  const missing = migrations.filter(({ number }) => number > header.schema);
  await applyMigrations(client, missing);
  await client.query("commit");
  await client.query("analyze");
  return { tables: ends.map(({ table, end }) => ({ name: table.name, rows: end.rows })), migrations: missing.map(({ number }) => number) };
}
