import { spawn } from "node:child_process";
import { join } from "node:path";
import { createLogger, type ExitCode, exitCodes, type SettingSources } from "@vision/program";
import { hasEmbeddedDatabase, withDatabaseServer } from "../adapters/open-database.js";
import { loadDatabaseConfig } from "../config/index.js";
import type { CommandContext } from "./command-context.js";

/** Runs psql at the terminal. Resolves with its exit code; null where there is no psql. */
function runPsql(url: URL, args: readonly string[], environment: CommandContext["environment"]): Promise<number | null> {
  const password = decodeURIComponent(url.password);
  url.password = "";
  // In its environment, not in its arguments, which everybody on the machine can read.
  const env = { ...environment, ...(password === "" ? {} : { PGPASSWORD: password }) };
  const child = spawn("psql", [url.href, ...args], { stdio: "inherit", env });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => ("code" in error && error.code === "ENOENT" ? resolve(null) : reject(error)));
    child.once("exit", (code) => resolve(code ?? exitCodes.failed));
  });
}

/** `vision-validator db shell`: psql on the validator's database; without psql, how to reach it by another client. */
export async function openDatabaseShell(
  sources: SettingSources,
  { psqlArguments }: { readonly psqlArguments: readonly string[] },
  { environment, signal, writeError }: CommandContext,
): Promise<ExitCode> {
  const { url: configuredUrl, dataDir } = await loadDatabaseConfig(sources);
  if (configuredUrl === undefined && !hasEmbeddedDatabase(dataDir)) {
    writeError("There is no database yet. Its settings: --config, DATABASE_URL, --database-data-dir.\n");
    return exitCodes.nothing;
  }
  return withDatabaseServer({ url: configuredUrl, dataDir }, { logger: createLogger({ level: "warn" }), signal }, async (text) => {
    const url = new URL(text);
    const parts = [
      ["host", url.hostname === "" ? "a local socket" : url.hostname],
      ["port", url.port === "" ? "5432" : url.port],
      ["user", decodeURIComponent(url.username)],
      ["database", decodeURIComponent(url.pathname.slice(1))],
      ["password", configuredUrl === undefined ? `in ${join(dataDir, "password")}` : "as in DATABASE_URL (database.url)"],
    ];
    const code = await runPsql(url, psqlArguments, environment);
    if (code === null) {
      writeError("There is no psql on the PATH: install PostgreSQL's client (Debian: postgresql-client), or use another client with\n");
      for (const [name, value] of parts) writeError(`  ${name}: ${value}\n`);
      if (configuredUrl === undefined) writeError("The embedded database runs while the validator does.\n");
      return exitCodes.failed;
    }
    return code === 0 ? exitCodes.ok : exitCodes.failed;
  });
}
