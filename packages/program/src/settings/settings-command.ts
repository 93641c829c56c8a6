import type { SettingSources } from "./read-sources.js";
import type { SettingProgram } from "./setting-program.js";

/** As much of commander's Option as is needed here. */
type CommandOption = { readonly long?: string | undefined; attributeName(): string; hideHelp(): CommandOption };

/** As much of commander's Command as is needed here; the programs depend on commander, not this package. */
type SettingCommand<Option extends CommandOption> = {
  readonly options: readonly Option[];
  createOption(flags: string, description?: string): Option;
  addOption(option: Option): unknown;
  optsWithGlobals(): object;
};

/**
 * Adds `--config` and a flag for each setting to a command. Former flags are taken and not shown.
 *
 * @param sections - Names at the top of the config file whose settings the command takes; all of them if not given.
 */
export function addSettingFlags<Option extends CommandOption, Command extends SettingCommand<Option>>(
  command: Command & SettingCommand<Option>,
  program: SettingProgram,
  sections?: readonly string[],
): Command {
  const add = (flags: string, description?: string) => {
    const option = command.createOption(flags, description);
    if (description === undefined) option.hideHelp();
    command.addOption(option);
  };
  add("-c, --config <file>", `JSON file with the configuration (environment: ${program.configVariable})`);
  for (const { path, names, former, kind, description } of program.definitions) {
    if (names === null || (sections !== undefined && !sections.includes(path[0] ?? ""))) continue;
    const value = kind === "boolean" ? "[true|false]" : "<value>";
    add(`--${names.flag} ${value}`, `${description} (environment: ${names.variable})`);
    for (const each of former) if (each.names !== null) add(`--${each.names.flag} ${value}`);
  }
  return command;
}

/** Where the settings of a parsed command come from. */
export function sourcesOfCommand(command: SettingCommand<CommandOption>, surroundings: Omit<SettingSources, "flags">): SettingSources {
  const values = new Map(Object.entries(command.optsWithGlobals()));
  const flags: Record<string, string> = {};
  for (const option of command.options) {
    const value: unknown = values.get(option.attributeName());
    // A boolean flag without a value stands for true.
    if (typeof option.long === "string" && value !== undefined) flags[option.long.slice(2)] = String(value);
  }
  return { ...surroundings, flags };
}
