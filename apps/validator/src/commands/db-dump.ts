import { resolve } from "node:path";
import { createLogger, type ExitCode, exitCodes, programVersion, type SettingSources } from "@vision/program";
import { dumpToFile } from "../adapters/dump/index.js";
import { hasEmbeddedDatabase, withDatabaseServer } from "../adapters/open-database.js";
import { loadDatabaseConfig } from "../config/index.js";
import { describeBytes } from "../domain/describe-bytes.js";
import type { CommandContext } from "./command-context.js";
import { createProgress } from "./db-progress.js";

/** Where to, and how the end is told. `file` null: one that is named after the time, in the working directory. */
export type DumpOptions = { readonly file: string | null; readonly isJson: boolean };

/** `vision-validator db dump`: the whole record in one file, while the validator runs or not. */
export async function dumpDatabase(sources: SettingSources, { file, isJson }: DumpOptions, context: CommandContext): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const { signal, writeOut, writeError, workingDirectory } = context;
  const nothing = () => {
    writeError(
      "There is nothing to dump: no validator has worked on this database. Its settings: --config, DATABASE_URL, --database-data-dir.\n",
    );
    return exitCodes.nothing;
  };
  if (database.url === undefined && !hasEmbeddedDatabase(database.dataDir)) return nothing();
  const nowMs = Date.now();
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const path = resolve(workingDirectory, file ?? `vision-validator-${stamp}.dump.gz`);
  const logger = createLogger({ level: "warn" });
  try {
    const written = await withDatabaseServer(database, { logger, signal }, (url) =>
      dumpToFile(
        url,
        { file: path, program: programVersion(import.meta.url), nowMs },
        { signal, onProgress: createProgress("dumped", context) },
      ),
    );
    if (written === null) return nothing();
    const { header, bytes, tables } = written;
    if (isJson)
      writeOut(`${JSON.stringify({ file: path, bytes, schema: header.schema, program: header.program, createdAtMs: nowMs, tables })}\n`);
    else writeOut(`${path}\n`);
    writeError(`${describeBytes(bytes)}, schema ${header.schema}. It holds what users asked: keep it as you keep the database.\n`);
    return exitCodes.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    writeError("Stopped; no dump was left.\n");
    return exitCodes.failed;
  }
}
