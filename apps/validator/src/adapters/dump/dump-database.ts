import { createHash } from "node:crypto";
import { VisionError } from "@vision/protocol";
import type pg from "pg";
import { migrations } from "../postgres/migrations/index.js";
import { listSequences, listTables, prepareCopySession, quoted, readRows } from "./copy-session.js";
import { createDumpHeader, type DumpHeader, END_OF_ROWS, LONGEST_LINE_BYTES, type TableProgress } from "./dump-format.js";
import { createRowDigest } from "./row-digest.js";
import { createLineSplitter } from "./split-lines.js";
import { storedTables } from "./stored-tables.js";

const damagedRow = () => new Error("The database wrote a row without an end.");

/**
 * Begins a transaction that sees the database as it is now, whatever is written to it meanwhile, and says what a dump of it will hold. A
 * migration waits until the transaction is over, nothing else does.
 *
 * @returns Null for a database that no validator has worked on.
 * @throws VisionError `STORE_MIGRATION_FAILED` for a schema that is newer than this program.
 */
export async function beginSnapshot(
  client: pg.Client,
  { program, nowMs }: { readonly program: string; readonly nowMs: number },
): Promise<DumpHeader | null> {
  await prepareCopySession(client);
  const { rows: found } = await client.query<{ has_schema: boolean }>("select to_regclass('migrations') is not null as has_schema");
  if (found[0]?.has_schema !== true) return null;
  const present = await listTables(client, storedTables);
  await client.query("begin isolation level repeatable read read only");
  // Before the first read, from which on the snapshot is: no table changes its form between the two.
  const names = ["migrations", ...present.map(({ name }) => name)].map(quoted).join(", ");
  await client.query(`lock table ${names} in access share mode`);
  const { rows } = await client.query<{ schema: string | null; server: number }>(
    "select max(number) as schema, current_setting('server_version_num')::int as server from migrations",
  );
  const schema = Number(rows[0]?.schema ?? 0);
  if (schema === 0) return null;
  const newest = migrations.at(-1)?.number ?? 0;
  if (schema > newest) {
    throw new VisionError({
      code: "STORE_MIGRATION_FAILED",
      message: `The database has schema ${schema}, this program knows only up to ${newest}, and would leave out what it does not know.`,
      hint: "Dump it with the version of the validator that works on it.",
      facts: { present: schema, newest },
    });
  }
  const sequences = await readSequences(client);
  const tables = (await listTables(client, storedTables)).map(({ name, columns }) => ({ name, columns: [...columns] }));
  return createDumpHeader({ schema, program, serverVersion: rows[0]?.server ?? 0, createdAtMs: nowMs, sequences, tables });
}

/** Read after the snapshot was taken, so that they are ahead of every row in it. */
async function readSequences(client: pg.Client): Promise<DumpHeader["sequences"]> {
  const sequences: DumpHeader["sequences"] = [];
  for (const name of await listSequences(client)) {
    const { rows } = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${quoted(name)}`,
    );
    sequences.push({ name, last: rows[0]?.last ?? "1", isCalled: rows[0]?.called ?? false });
  }
  return sequences;
}

/**
 * The bytes of a dump, before they are compressed, in the transaction that {@link beginSnapshot} began.
 *
 * @param onProgress - Told after every piece; `isWhole` with the last of a table.
 */
export async function* writeDump(
  client: pg.Client,
  header: DumpHeader,
  onProgress: (progress: TableProgress) => void,
): AsyncGenerator<Buffer, void> {
  const whole = createHash("sha256");
  const counted = (bytes: Buffer) => {
    whole.update(bytes);
    return bytes;
  };
  const line = (value: unknown) => Buffer.from(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);
  yield counted(line(header));
  for (const table of header.tables) {
    yield counted(line({ table: table.name }));
    const digest = createRowDigest();
    const lines = createLineSplitter({ longestBytes: LONGEST_LINE_BYTES, tooLong: damagedRow });
    for await (const chunk of readRows(client, table)) {
      for (const row of lines.push(chunk)) digest.add(row);
      onProgress({ table: table.name, rows: digest.rows(), isWhole: false });
      yield counted(chunk);
    }
    if (lines.rest().length > 0) throw damagedRow();
    onProgress({ table: table.name, rows: digest.rows(), isWhole: true });
    yield counted(line(END_OF_ROWS));
    yield counted(line({ rows: digest.rows(), digest: digest.hex() }));
  }
  yield line({ sha256: whole.digest("hex") });
}
