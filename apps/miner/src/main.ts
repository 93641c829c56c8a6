#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { describeConfig } from "./commands/check-config-command.js";
import { loadConfig } from "./config/load-config.js";
import { CONFIG_VARIABLE, settings } from "./config/settings.js";

function withSettings(command: Command): Command {
  command.option("-c, --config <file>", `JSON file with the configuration (environment: ${CONFIG_VARIABLE})`);
  for (const { flag, kind, description, environment } of settings) {
    command.option(`--${flag} ${kind === "boolean" ? "[value]" : "<value>"}`, `${description} (environment: ${environment})`);
  }
  return command;
}

/** The configuration, or null after every mistake in it has been printed. */
async function loadOrComplain(options: Readonly<Record<string, string | boolean | undefined>>) {
  const flags = Object.fromEntries(settings.map(({ flag }) => [flag, options[camelCase(flag)]]));
  const configPath = typeof options["config"] === "string" ? options["config"] : undefined;
  const loaded = await loadConfig({ configPath, environment: process.env, flags, workingDirectory: process.cwd() });
  if (loaded.ok) return loaded;
  const count = loaded.problems.length;
  process.stderr.write(`The configuration has ${count} ${count === 1 ? "mistake" : "mistakes"}:\n`);
  for (const problem of loaded.problems) process.stderr.write(`  - ${problem}\n`);
  return null;
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

const program = new Command("vision-miner").description("The reference Vision miner.").exitOverride();

withSettings(program.command("run").description("serve until stopped")).action(async (options) => {
  const loaded = await loadOrComplain(options);
  if (loaded === null) {
    process.exitCode = 1;
    return;
  }
  // Loaded only now: a mistake in the configuration is told without waiting for the SDK.
  const { runCommand } = await import("./commands/run-command.js");
  process.exit(await runCommand(loaded));
});

withSettings(program.command("check-config").description("say what is wrong with the configuration, all at once")).action(
  async (options) => {
    const loaded = await loadOrComplain(options);
    if (loaded === null) process.exitCode = 1;
    else process.stdout.write(describeConfig(loaded.config));
  },
);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode;
}
