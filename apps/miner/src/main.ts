#!/usr/bin/env node
import {
  addSettingFlags,
  createTerminal,
  describeFormerName,
  type ExitCode,
  exitCodes,
  listenForStop,
  programVersion,
  reportFailure,
  type SettingSources,
  sourcesOfCommand,
  walletCommand,
} from "@vision/program";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { type ReferenceChoice, safeParseReference } from "./checking/parse-reference.js";
import type { ChainCommandContext } from "./commands/chain-command-context.js";
import { chainCommandSections, loadChainCommandConfig, loadConfig, loadControlConfig } from "./config/load-config.js";
import { minerProgram } from "./config/miner-config.js";
import { safeParseTao } from "./config/parse-tao.js";
import { safeParseSince } from "./verdicts/parse-since.js";

const terminal = createTerminal();
const environment = process.env;

const warn: SettingSources["warn"] = (use) => terminal.note(`Warning: ${describeFormerName(use)}`);

/** Where the settings of a parsed command come from. */
function sourcesOf(command: Command): SettingSources {
  return sourcesOfCommand(command, { environment, workingDirectory: process.cwd(), warn });
}

/** Runs a command about the chain. */
async function runOnChain(command: Command, work: (context: ChainCommandContext) => Promise<ExitCode>): Promise<void> {
  process.exitCode = await work({ config: await loadChainCommandConfig(sourcesOf(command)), environment, terminal });
}

function parseMaxBurn(text: string): bigint {
  const rao = safeParseTao(text);
  if (rao === null) throw new InvalidArgumentError("It must be an amount of TAO such as 0.5.");
  return rao;
}

function parseSince(text: string): number {
  const sinceMs = safeParseSince(text);
  if (sinceMs === null) throw new InvalidArgumentError("It must be a time such as 30m, 24h or 7d.");
  return sinceMs;
}

function parseUrl(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new InvalidArgumentError("It must be an http or https URL.");
  return text;
}

function parseReference(text: string): ReferenceChoice {
  const choice = safeParseReference(text);
  if (choice === null) throw new InvalidArgumentError("It must be embedded, gguf:PATH or vllm:URL.");
  return choice;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000) throw new InvalidArgumentError("It must be a whole number from 1 to 10000.");
  return count;
}

type CheckFlags = {
  readonly reference?: ReferenceChoice;
  readonly referenceModel?: string;
  readonly task?: readonly string[];
  readonly answers: number;
  readonly seed?: string;
  readonly url?: string;
  readonly json?: boolean;
};

type CapacityFlags = { readonly concurrency?: readonly string[]; readonly fraction?: readonly string[]; readonly json?: boolean };

type VerdictsFlags = { readonly validator: string; readonly url?: string; readonly since: number; readonly json?: boolean };

const program = new Command("vision-miner")
  .description("The reference Vision miner.")
  .version(programVersion(import.meta.url))
  .exitOverride();

addSettingFlags(program.command("run").description("serve until stopped"), minerProgram).action(async (_options, command: Command) => {
  const formerNames: Parameters<SettingSources["warn"]>[0][] = [];
  const sources = sourcesOf(command);
  const loaded = await loadConfig({ ...sources, warn: (use) => formerNames.push(use) });
  // Loaded only now: a mistake in the configuration is told without waiting for the rest.
  const { runCommand } = await import("./commands/run-command.js");
  process.exit(await runCommand(loaded, { formerNames, load: () => loadConfig({ ...sources, warn: () => undefined }) }));
});

addSettingFlags(
  program.command("check-config").description("print the configuration in force, or everything that is wrong with it"),
  minerProgram,
).action(async (_options, command: Command) => {
  const loaded = await loadConfig(sourcesOf(command));
  const { checkConfigCommand } = await import("./commands/check-config-command.js");
  await checkConfigCommand(loaded, { environment, terminal });
});

addSettingFlags(program.command("doctor").description("look at everything that the miner needs, and say what to do"), minerProgram)
  .option("--json", "print one JSON document")
  .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
    const loaded = await loadConfig(sourcesOf(command));
    const { doctorOfMiner } = await import("./commands/doctor-command.js");
    const exitCode = await doctorOfMiner(loaded, { isJson: json }, { environment, terminal });
    // What hangs must not keep a finished program alive; output to a pipe is written behind our back.
    process.stdout.write("", () => process.exit(exitCode));
  });

addSettingFlags(
  program.command("check").description("ask this miner as a validator does, and judge its answers by the same judge"),
  minerProgram,
)
  .option("--reference <REFERENCE>", "judge by embedded, gguf:PATH or vllm:URL (default: embedded)", parseReference)
  .option("--reference-model <NAME>", "the model's name at the vLLM server, if it is not the task's")
  .option("--task <ID...>", "only these tasks, else all that the reference knows")
  .option("--answers <COUNT>", "answers of each task", parseCount, 20)
  .option("--seed <TEXT>", "draw the same requests again")
  .option("--url <URL>", "ask a running miner, which must serve its own hotkey, instead of one in this process", parseUrl)
  .option("--json", "print one JSON document")
  .action(async (flags: CheckFlags, command: Command) => {
    const loaded = await loadConfig(sourcesOf(command));
    const { checkCommand } = await import("./commands/check-command.js");
    const { reference = { kind: "embedded" } as const, referenceModel, task, answers, seed, url, json = false } = flags;
    const options = { reference, modelName: referenceModel ?? null, taskIds: task ?? null, answersEach: answers, seed: seed ?? null };
    const stop = listenForStop();
    const surroundings = { environment, terminal, signal: stop.signal };
    const exitCode = await checkCommand(loaded, { ...options, url: url ?? null, isJson: json }, surroundings);
    // What hangs must not keep a finished program alive; output to a pipe is written behind our back.
    process.stdout.write("", () => process.exit(exitCode));
  });

addSettingFlags(
  program
    .command("capacity")
    .description("show the capacity of the miner that runs with these settings, or change it until its next start"),
  minerProgram,
  ["control"],
)
  .argument("[changes...]", "TASK=UNITS an hour; of a task in a pool, what the whole machine does; 0 withdraws a task outside of pools")
  .option("--concurrency <NAME=COUNT...>", "requests at a time of a task or of a pool")
  .option("--fraction <TASK=FRACTION...>", "the part of its pool's machine that a task has")
  .option("--json", "print one JSON document")
  .action(async (units: readonly string[], flags: CapacityFlags, command: Command) => {
    const sources = sourcesOf(command);
    const { capacityCommand } = await import("./commands/capacity-command.js");
    const { concurrency = [], fraction = [], json = false } = flags;
    const wishes = { units, concurrency, fractions: fraction };
    process.exitCode = await capacityCommand(await loadControlConfig(sources), { wishes, isJson: json }, terminal);
  });

const withChainSettings = (command: Command) => addSettingFlags(command, minerProgram, chainCommandSections);

withChainSettings(program.command("register").description("buy a place on the subnet for the wallet's hotkey; its coldkey pays"))
  .requiredOption("--max-burn <TAO>", "the most that may be burned; nothing is sent when the price is above", parseMaxBurn)
  .option("--yes", "do not ask")
  .action(async ({ maxBurn, yes = false }: { readonly maxBurn: bigint; readonly yes?: boolean }, command: Command) => {
    const { registerCommand } = await import("./commands/register-command.js");
    await runOnChain(command, (context) => registerCommand({ maxBurnRao: maxBurn, isConfirmed: yes }, context));
  });

withChainSettings(program.command("status").description("say what the chain knows of this miner and whether its endpoint answers"))
  .option("--json", "print one JSON document")
  .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
    const { statusCommand } = await import("./commands/status-command.js");
    await runOnChain(command, (context) => statusCommand({ isJson: json }, context));
  });

withChainSettings(program.command("verdicts").description("show what validators found in this miner's answers, and what to do about it"))
  .option("--validator <HOTKEY>", "the validator that is asked; all for every one that publishes an address", "all")
  .option("--url <URL>", "where that validator's API is, if it publishes no address", parseUrl)
  .option("--since <TIME>", "how far back: 30m, 24h, 7d", parseSince, 24 * 3_600_000)
  .option("--json", "print one JSON document, with the signed pages")
  .action(async ({ validator, url, since, json = false }: VerdictsFlags, command: Command) => {
    if (url !== undefined && validator === "all") command.error("error: --url is one validator's: name it with --validator");
    const { verdictsCommand } = await import("./commands/verdicts-command.js");
    await runOnChain(command, (context) => verdictsCommand({ validator, url: url ?? null, sinceMs: since, isJson: json }, context));
  });

program
  .command("wallet")
  .description("list, make and show wallets in btcli's files (wallet --help lists the options)")
  .helpOption(false)
  .allowUnknownOption()
  .argument("[arguments...]")
  .action(async (rest: readonly string[]) => {
    const { print, note, isInteractive, askSecret } = terminal;
    process.exitCode = await walletCommand(rest, { environment, print, note, askSecret: isInteractive ? askSecret : null });
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.misused;
  else {
    const { exitCode, text } = reportFailure(error);
    process.exitCode = exitCode;
    terminal.note(text);
  }
}
