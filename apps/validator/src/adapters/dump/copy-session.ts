import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { storedSequences, storedTables } from "./stored-tables.js";

/** How many waits may take how long, and how values are written: not as somebody set the database up, but the same everywhere. */
const session = `
set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0; set transaction_timeout = 0;
set client_encoding = 'UTF8'; set bytea_output = 'hex'; set extra_float_digits = 1; set datestyle = 'ISO'; set intervalstyle = 'postgres'`;

/** Prepares a connection for dumping or restoring: no limits of time, and values as text in one form. */
export async function prepareCopySession(client: pg.Client): Promise<void> {
  for (const statement of session.split(";")) {
    // Older servers do not know every limit; what they do not know they do not have.
    await client.query(statement).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "42704")) throw error;
    });
  }
}

/** A name of a table or column as a statement holds it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `table (columns)` as COPY takes it. */
export function copyTarget({ name, columns }: { readonly name: string; readonly columns: readonly string[] }): string {
  return `${quoted(name)} (${columns.map(quoted).join(", ")})`;
}

/** All rows of a table as COPY writes them, in pieces that end anywhere. */
export function readRows(client: pg.Client, table: { readonly name: string; readonly columns: readonly string[] }): AsyncIterable<Buffer> {
  return client.query(copyTo(`copy ${copyTarget(table)} to stdout`));
}

/** The tables of the connection's schema that are among `names`, in that order, with their columns. */
export async function listTables(
  client: pg.Client,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly columns: readonly string[] }[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select c.relname::text as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname = any($1) group by c.relname`,
    [names],
  );
  return names.flatMap((name) => rows.filter((row) => row.name === name));
}

/** The sequences of the validator in the connection's schema: those of the stored tables, and those that belong to none. */
export async function listSequences(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname::text as name from pg_class c
     left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype = 'i'
     left join pg_class t on t.oid = d.refobjid
     where c.relkind = 'S' and c.relnamespace = current_schema()::regnamespace and (t.relname = any($1) or c.relname = any($2)) order by 1`,
    [storedTables, storedSequences],
  );
  return rows.map(({ name }) => name);
}
