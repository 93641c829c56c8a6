import { createLogger, type ExitCode, exitCodes, renderTable, type SettingSources } from "@vision/program";
import { measureDatabase } from "../adapters/dump/index.js";
import { hasEmbeddedDatabase, withDatabaseServer } from "../adapters/open-database.js";
import { loadDatabaseConfig } from "../config/index.js";
import { describeBytes } from "../domain/describe-bytes.js";
import type { CommandContext } from "./command-context.js";

const HOUR_MS = 3_600_000;

/** `vision-validator db size`: what the database takes, table by table, and how much a day adds. */
export async function showDatabaseSize(
  sources: SettingSources,
  { isJson }: { readonly isJson: boolean },
  { signal, writeOut, writeError }: CommandContext,
): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const isMissing = database.url === undefined && !hasEmbeddedDatabase(database.dataDir);
  const size = isMissing ? null : await withDatabaseServer(database, { logger: createLogger({ level: "warn" }), signal }, measureDatabase);
  if (size === null) {
    writeError("No validator has worked on this database. Its settings: --config, DATABASE_URL, --database-data-dir.\n");
    return exitCodes.nothing;
  }
  if (isJson) {
    writeOut(`${JSON.stringify(size)}\n`);
    return exitCodes.ok;
  }
  const rows = size.tables.map(({ name, rows: count, bytes, indexBytes, bytesPerDay }) => [
    name,
    count.toLocaleString("en-US"),
    describeBytes(bytes),
    describeBytes(indexBytes),
    bytesPerDay === null || size.bytesPerDay === null ? "" : describeBytes(bytesPerDay),
  ]);
  writeOut(renderTable(["table", "rows", "size", "of it indexes", "a day adds"], rows));
  const growth =
    size.bytesPerDay === null
      ? "Less than an hour of closed periods is on record: too little to estimate a day from."
      : `A day adds some ${describeBytes(size.bytesPerDay)}, as the last ${(size.estimatedFromMs / HOUR_MS).toFixed(1)} hours on record did; it stops growing at retention.periods.`;
  writeOut(`${describeBytes(size.bytes)} in all, ${size.periods.toLocaleString("en-US")} closed periods. ${growth}\n`);
  return exitCodes.ok;
}
