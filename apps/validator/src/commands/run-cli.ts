import { addSettingFlags, type ExitCode, exitCodes, programVersion, reportFailure, walletCommand } from "@vision/program";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { checkerSections, gatewaySections, validatorProgram } from "../config/index.js";
import { addDatabaseCommands } from "./add-database-commands.js";
import { addKeyCommands } from "./add-key-commands.js";
import { addTaskCommands } from "./add-task-commands.js";
import { type CommandContext, configSources, databaseSections, voteSections } from "./command-context.js";
import { parseCount } from "./parse-count.js";

function parseRequestId(text: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw new InvalidArgumentError("It must be a UUID.");
  return text.toLowerCase();
}

/**
 * The command line. Commands are loaded when they run, so that a wrong argument or a mistake in the configuration is told at once.
 *
 * @param argv - What follows the program's name.
 * @returns The exit code: 0 done, 1 failed, 2 wrong arguments or configuration, 3 chain or database away, 4 nothing to show or to do.
 */
export async function runCli(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const program = new Command("vision-validator")
    .description(
      "The Vision validator: probes miners, checks their answers, scores them, sets weights and serves an OpenAI-compatible API.",
    )
    .version(programVersion(import.meta.url))
    .exitOverride()
    .configureOutput({ writeOut: context.writeOut, writeErr: context.writeError })
    .showHelpAfterError("(add --help for the options)");

  const finish = (work: Promise<ExitCode>) =>
    work.then((code) => {
      exitCode = code;
    });
  const addSettings = (command: Command, sections?: readonly string[]) => addSettingFlags(command, validatorProgram, sections);
  const sourcesOf = (command: Command) => configSources(command, context);

  addSettings(program.command("run").description("run until stopped")).action(async (_options, command: Command) => {
    const { run } = await import("./run.js");
    await finish(run(sourcesOf(command), context));
  });
  addSettings(
    program.command("checker").description("check the answers that wait in a validator's database, beside it, until stopped; needs no key"),
    checkerSections,
  ).action(async (_options, command: Command) => {
    const { checker } = await import("./checker.js");
    await finish(checker(sourcesOf(command), context));
  });
  addSettings(
    program
      .command("gateway")
      .description("serve the API for users on a validator's PostgreSQL and Redis, beside it and other gateways, until stopped"),
    gatewaySections,
  ).action(async (_options, command: Command) => {
    const { gateway } = await import("./gateway.js");
    await finish(gateway(sourcesOf(command), context));
  });
  addSettings(program.command("check-config").description("print the configuration in force, or everything that is wrong with it")).action(
    async (_options, command: Command) => {
      const { checkConfig } = await import("./check-config.js");
      await finish(checkConfig(sourcesOf(command), context));
    },
  );
  addSettings(program.command("doctor").description("look at everything that the validator needs, and say what to do"))
    .option("--json", "print one JSON document")
    .action(async ({ json = false }: { readonly json?: boolean }, command: Command) => {
      const { doctor } = await import("./doctor.js");
      await finish(doctor(sourcesOf(command), { isJson: json }, context));
    });
  addSettings(program.command("set-weights-once").description("set the weights now, unless this epoch's were set")).action(
    async (_options, command: Command) => {
      const { setWeightsOnce } = await import("./set-weights-once.js");
      await finish(setWeightsOnce(sourcesOf(command), context));
    },
  );
  addSettings(program.command("explain").description("say why a miner got its weight").argument("<hotkey>"), databaseSections).action(
    async (hotkey: string, _options, command: Command) => {
      const { explain } = await import("./explain.js");
      await finish(explain(sourcesOf(command), { hotkey }, context));
    },
  );
  addSettings(program.command("report").description("print the report of a period"), databaseSections)
    .option("--period <number>", "period to report, the latest if not given", parseCount)
    .option("--json", "print JSON, as the API does at /v1/periods/NUMBER")
    .option("--scores", "print the scores with every intermediate value, as JSON")
    .action(async (options: { readonly period?: number; readonly json?: boolean; readonly scores?: boolean }, command: Command) => {
      const { report } = await import("./report.js");
      const format = options.scores === true ? "scores" : options.json === true ? "json" : "table";
      await finish(report(sourcesOf(command), { period: options.period ?? null, format }, context));
    });
  addSettings(program.command("receipt").description("print the miner's signature under an answer that was checked, as JSON"))
    .argument("<request-id>", "as in the log and in the table of samples", parseRequestId)
    .action(async (requestId: string, _options, command: Command) => {
      const { receipt } = await import("./receipt.js");
      await finish(receipt(sourcesOf(command), { requestId }, context));
    });

  addKeyCommands(program, { addSettings, sourcesOf, finish }, context);
  addDatabaseCommands(program, { addSettings, sourcesOf, finish }, context);
  addTaskCommands(program, { addSettings, sourcesOf, finish }, context);
  const vote = program.command("vote").description("vote on the tasks' shares of the reward, on chain");
  addSettings(vote.command("set").description("publish this validator's vote").argument("<task=share...>"), voteSections).action(
    async (shares: readonly string[], _options, command: Command) => {
      const { setVote } = await import("./vote.js");
      await finish(setVote(sourcesOf(command), { shares }, context));
    },
  );
  addSettings(vote.command("show").description("who voted what, and the outcome"), voteSections)
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }, command: Command) => {
      const { showVotes } = await import("./vote.js");
      await finish(showVotes(sourcesOf(command), { isJson: options.json === true }, context));
    });
  program
    .command("wallet")
    .description("list, make and show wallets in btcli's format (wallet --help lists the options)")
    .helpOption(false)
    .allowUnknownOption()
    .argument("[arguments...]")
    .action(async (rest: readonly string[]) => {
      const { environment, writeOut, writeError, askSecret = null } = context;
      const print = (text: string) => writeOut(`${text}\n`);
      const note = (text: string) => writeError(`${text}\n`);
      await finish(walletCommand(rest, { environment, print, note, askSecret }));
    });

  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return explainFailure(error, context);
  }
}

function explainFailure(error: unknown, context: CommandContext): ExitCode {
  // Commander has printed its own.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.misused;
  if (context.signal.aborted) return exitCodes.ok;
  const { exitCode, text } = reportFailure(error);
  context.writeError(`${text}\n`);
  return exitCode;
}
