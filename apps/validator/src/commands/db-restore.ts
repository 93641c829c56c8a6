import { resolve } from "node:path";
import { createLogger, type ExitCode, exitCodes, type SettingSources } from "@vision/program";
import { openDump, restoreFromDump } from "../adapters/dump/index.js";
import { withDatabaseServer } from "../adapters/open-database.js";
import { loadDatabaseConfig } from "../config/index.js";
import type { CommandContext } from "./command-context.js";
import { createProgress } from "./db-progress.js";

/** From where, and to where. `intoNew`: a data folder for an embedded database, instead of the configured database. */
export type RestoreOptions = { readonly file: string; readonly intoNew: string | null; readonly isJson: boolean };

/** `vision-validator db restore`: brings a dump back into an empty database, all of it or nothing. */
export async function restoreDatabase(
  sources: SettingSources,
  { file, intoNew, isJson }: RestoreOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const configured = await loadDatabaseConfig(sources);
  const { signal, writeOut, writeError, workingDirectory } = context;
  const database = intoNew === null ? configured : { dataDir: resolve(workingDirectory, intoNew) };
  const opened = await openDump(resolve(workingDirectory, file));
  const { header } = opened;
  const from = { schema: header.schema, program: header.program, createdAtMs: header.createdAtMs };
  writeError(`A dump of ${new Date(header.createdAtMs).toISOString()} by version ${header.program}, schema ${header.schema}\n`);
  try {
    const { tables, migrations } = await withDatabaseServer(database, { logger: createLogger({ level: "warn" }), signal }, (url) =>
      restoreFromDump(url, opened, { signal, onProgress: createProgress("restored, read back and compared", context) }),
    );
    if (isJson) writeOut(`${JSON.stringify({ ...from, tables, migrations })}\n`);
    if (migrations.length > 0) writeError(`The schema was brought from ${header.schema} to ${migrations.at(-1)}.\n`);
    writeError(
      `Restored.${intoNew === null ? "" : ` To work on it: --database-data-dir ${database.dataDir} (database.dataDir), without DATABASE_URL.`}\n`,
    );
    return exitCodes.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    writeError("Stopped; nothing was restored.\n");
    return exitCodes.failed;
  } finally {
    opened.close();
  }
}
