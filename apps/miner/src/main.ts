#!/usr/bin/env node
import { createTerminal, exitCodes, programVersion, reportFailure } from "@vision/program";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { ChainCommandContext } from "./commands/chain-command-context.js";
import { describeConfig, findConfigWarnings } from "./commands/check-config-command.js";
import { chainCommandSchema } from "./config/chain-command-config.js";
import { type ConfigSources, type Loaded, loadConfig, loadConfigAndLook, loadConfigPart } from "./config/load-config.js";
import { safeParseTao } from "./config/parse-tao.js";
import { CONFIG_VARIABLE, chainCommandFlags, settings } from "./config/settings.js";

function withSettings(command: Command): Command {
  command.option("-c, --config <file>", `JSON file with the configuration (environment: ${CONFIG_VARIABLE})`);
  for (const { flag, kind, description, environment } of settings) {
    command.option(`--${flag} ${kind === "boolean" ? "[value]" : "<value>"}`, `${description} (environment: ${environment})`);
  }
  return command;
}

/** Options of the commands about the chain: some of the settings, the chain's under shorter names. */
function withChainSettings(command: Command): Command {
  command.option("-c, --config <file>", `JSON file with the configuration (environment: ${CONFIG_VARIABLE})`);
  for (const { option, setting } of chainCommandFlags) {
    command.option(`--${option} <value>`, `${setting.description} (environment: ${setting.environment})`);
  }
  return command;
}

type Options = Readonly<Record<string, string | boolean | undefined>>;

function sourcesOf(options: Options, flags: ConfigSources["flags"]): ConfigSources {
  const configPath = typeof options["config"] === "string" ? options["config"] : undefined;
  return { configPath, environment: process.env, flags, workingDirectory: process.cwd() };
}

/** What was loaded, or null after every mistake in it has been printed. */
function orComplain<Config>(loaded: Loaded<Config>): Extract<Loaded<Config>, { ok: true }> | null {
  if (loaded.ok) return loaded;
  const count = loaded.problems.length;
  process.stderr.write(`The configuration has ${count} ${count === 1 ? "mistake" : "mistakes"}:\n`);
  for (const problem of loaded.problems) process.stderr.write(`  - ${problem}\n`);
  return null;
}

async function loadOrComplain(options: Options, load: typeof loadConfig) {
  const flags = Object.fromEntries(settings.map(({ flag }) => [flag, options[camelCase(flag)]]));
  return orComplain(await load(sourcesOf(options, flags)));
}

/** Runs a command about the chain. Its failures are told with their code. */
async function runOnChain(options: Options, command: (context: ChainCommandContext) => Promise<0 | 1>): Promise<void> {
  const flags = Object.fromEntries(chainCommandFlags.map(({ option, setting }) => [setting.flag, options[camelCase(option)]]));
  const loaded = orComplain(await loadConfigPart(sourcesOf(options, flags), chainCommandSchema));
  process.exitCode = exitCodes.misused;
  if (loaded === null) return;
  const { config, baseDirectory } = loaded;
  try {
    process.exitCode = await command({ config, baseDirectory, environment: process.env, terminal: createTerminal() });
  } catch (error) {
    const { exitCode, text } = reportFailure(error);
    process.exitCode = exitCode;
    process.stderr.write(`${text}\n`);
  }
}

function parseMaxBurn(text: string): bigint {
  const rao = safeParseTao(text);
  if (rao === null) throw new InvalidArgumentError("It must be an amount of TAO such as 0.5.");
  return rao;
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

const program = new Command("vision-miner")
  .description("The reference Vision miner.")
  .version(programVersion(import.meta.url))
  .exitOverride();

withSettings(program.command("run").description("serve until stopped")).action(async (options) => {
  const loaded = await loadOrComplain(options, loadConfig);
  if (loaded === null) {
    process.exitCode = exitCodes.misused;
    return;
  }
  // Loaded only now: a mistake in the configuration is told without waiting for the SDK.
  const { runCommand } = await import("./commands/run-command.js");
  process.exit(await runCommand(loaded));
});

withSettings(program.command("check-config").description("say what is wrong with the configuration, all at once")).action(
  async (options) => {
    const loaded = await loadOrComplain(options, loadConfigAndLook);
    if (loaded === null) {
      process.exitCode = exitCodes.misused;
      return;
    }
    process.stdout.write(describeConfig(loaded.config));
    const { defaultTasks } = await import("@vision/sdk");
    const knownIds = defaultTasks.map(({ id }) => id);
    for (const warning of findConfigWarnings(loaded.config, knownIds)) process.stderr.write(`Warning: ${warning}\n`);
  },
);

withChainSettings(program.command("register").description("buy a place on the subnet for the wallet's hotkey; its coldkey pays"))
  .requiredOption("--max-burn <TAO>", "the most that may be burned; nothing is sent when the price is above", parseMaxBurn)
  .option("--yes", "do not ask")
  .action(async (options: Options & { readonly maxBurn: bigint }) => {
    const { registerCommand } = await import("./commands/register-command.js");
    await runOnChain(options, (context) => registerCommand({ maxBurnRao: options.maxBurn, isConfirmed: options["yes"] === true }, context));
  });

withChainSettings(program.command("status").description("say what the chain knows of this miner and whether its endpoint answers"))
  .option("--json", "print one JSON document")
  .action(async (options: Options) => {
    const { statusCommand } = await import("./commands/status-command.js");
    await runOnChain(options, (context) => statusCommand({ isJson: options["json"] === true }, context));
  });

program
  .command("wallet")
  .description("list, make and show wallets in btcli's files (wallet --help lists the options)")
  .helpOption(false)
  .allowUnknownOption()
  .argument("[arguments...]")
  .action(async (rest: readonly string[]) => {
    const { walletCommand } = await import("./commands/wallet-command.js");
    process.exitCode = await walletCommand(rest, { environment: process.env, terminal: createTerminal() });
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.misused;
}
