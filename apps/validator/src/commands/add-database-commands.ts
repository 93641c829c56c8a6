import type { ExitCode, SettingSources } from "@vision/program";
import type { Command } from "commander";
import { type CommandContext, databaseSections } from "./command-context.js";

/** What the command line does with a command: its settings, and its exit code. */
export type CommandLine = {
  readonly addSettings: (command: Command, sections?: readonly string[]) => Command;
  readonly sourcesOf: (command: Command) => SettingSources;
  readonly finish: (work: Promise<ExitCode>) => Promise<void>;
};

/** Adds `db dump`, `db restore`, `db size` and `db shell`. */
export function addDatabaseCommands(program: Command, { addSettings, sourcesOf, finish }: CommandLine, context: CommandContext): void {
  const db = program.command("db").description("back the database up, restore it, measure it, look into it");
  addSettings(db.command("dump").description("write everything into one file, also while the validator runs"), databaseSections)
    .argument("[file]", "a new file; named after the time, in this folder, if not given")
    .option("--json", "print one JSON document")
    .action(async (file: string | undefined, { json = false }: { readonly json?: boolean }, command: Command) => {
      const { dumpDatabase } = await import("./db-dump.js");
      await finish(dumpDatabase(sourcesOf(command), { file: file ?? null, isJson: json }, context));
    });
  addSettings(db.command("restore").description("bring a dump back into an empty database"), databaseSections)
    .argument("<file>", "as db dump wrote it")
    .option("--into-new <folder>", "an embedded database in a new data folder, instead of the configured one")
    .option("--json", "print one JSON document")
    .action(async (file: string, options: { readonly intoNew?: string; readonly json?: boolean }, command: Command) => {
      const { restoreDatabase } = await import("./db-restore.js");
      const { intoNew = null, json = false } = options;
      await finish(restoreDatabase(sourcesOf(command), { file, intoNew, isJson: json }, context));
    });
  addSettings(db.command("size").description("say what every table takes, and how much a day adds"), databaseSections)
    .option("--json", "print one JSON document")
    .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
      const { showDatabaseSize } = await import("./db-size.js");
      await finish(showDatabaseSize(sourcesOf(command), { isJson: json }, context));
    });
  addSettings(db.command("shell").description("open psql on the database"), databaseSections)
    .argument("[psql-arguments...]", "after --, e.g. -- -c 'select count(*) from results'")
    .action(async (psqlArguments: readonly string[], _options, command: Command) => {
      const { openDatabaseShell } = await import("./db-shell.js");
      await finish(openDatabaseShell(sourcesOf(command), { psqlArguments }, context));
    });
}
