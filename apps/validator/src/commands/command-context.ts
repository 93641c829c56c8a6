import type { Command } from "commander";
import { CONFIG_FILE_VARIABLE, type ConfigSources, flagName, type SettingDefinition, settingDefinitions } from "../config/index.js";

/** What a command works with, instead of the process. */
export type CommandContext = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Results. */
  readonly writeOut: (text: string) => void;
  /** Everything else. */
  readonly writeError: (text: string) => void;
  /** Asks the person at the terminal for something that must not be seen; null or left out where nobody sits there. */
  readonly askSecret?: ((question: string) => Promise<string>) | null;
  /** Aborted when the program is told to stop. */
  readonly signal: AbortSignal;
};

/** Adds `--config` and a flag for each of the settings. */
export function addSettings(command: Command, definitions: readonly SettingDefinition[] = settingDefinitions): Command {
  command.option("-c, --config <file>", `JSON file with the configuration (or ${CONFIG_FILE_VARIABLE})`);
  for (const definition of definitions) {
    if (definition.hasFlag === false) continue;
    command.option(`--${flagName(definition)} ${definition.kind === "boolean" ? "[true|false]" : "<value>"}`, definition.description);
  }
  return command;
}

/** Settings that say where the database is. */
export const databaseDefinitions: readonly SettingDefinition[] = settingDefinitions.filter(({ path }) => path[0] === "database");

/** Settings that say which chain and which hotkey. */
export const voteDefinitions: readonly SettingDefinition[] = settingDefinitions.filter(
  ({ path }) => path[0] === "chain" || path[0] === "hotkey",
);

/** Where the settings of a parsed command come from. */
export function configSources(command: Command, context: CommandContext): ConfigSources {
  const options = command.optsWithGlobals<Readonly<Record<string, unknown>>>();
  const flags: Record<string, string | undefined> = {};
  for (const option of command.options) {
    const value = options[option.attributeName()];
    // A boolean flag without a value stands for true.
    if (option.long !== undefined && option.long !== null && value !== undefined) flags[option.long.slice(2)] = String(value);
  }
  const file = flags["config"] ?? context.environment[CONFIG_FILE_VARIABLE] ?? null;
  return { file: file === "" ? null : file, environment: context.environment, flags };
}
