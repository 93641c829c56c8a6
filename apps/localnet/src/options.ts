import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { defaultTaskIds, embeddedTaskIds } from "./embedded-subnet.js";

/** What localnet was asked to do. */
export type LocalnetOptions = {
  /** Length of a scoring period, milliseconds. */
  readonly periodMs: number;
  /** Scoring periods to run; null: until stopped. */
  readonly periods: number | null;
  /** One JSON document on stdout instead of tables. */
  readonly isJson: boolean;
  /** A real model's GGUF file that the subnet serves instead of the embedded models; null: the embedded ones. */
  readonly modelPath: string | null;
  /** Tasks on the embedded models that the subnet serves. */
  readonly taskIds: readonly string[];
  /** Port of the organic API; null: 8080, or a free one when it is taken. */
  readonly port: number | null;
  /** Keep the logs and the database's files after stopping. */
  readonly isKept: boolean;
  /** Open the page in a browser, where somebody sits at a terminal. */
  readonly isOpened: boolean;
};

function wholeNumber(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`Must be a whole number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}

/** Options from the command line. Prints help or the mistake and exits when they cannot be used. */
export function parseOptions(argv: readonly string[]): LocalnetOptions {
  const command = new Command("npm start --")
    .description("Runs a whole subnet on this machine: a chain, eleven miners and a validator, with real inference.")
    .option("--period <seconds>", "length of a scoring period", wholeNumber(10, 86_400), 60)
    .option("--periods <count>", "stop after so many periods (default: run until Ctrl-C)", wholeNumber(1, 100_000))
    .option(
      "--json",
      "print one JSON document on stdout at the end, everything else on stderr; runs 3 periods unless --periods is given",
      false,
    )
    .option("--port <port>", "port of the organic API (default: 8080, or a free one)", wholeNumber(1, 65_535))
    .option("--model <file>", "serve a real chat model, a Q4_1 GGUF file, and end with 1 unless only honest miners are paid")
    .addOption(new Option("--tasks <tasks...>", "tasks on the embedded models").choices(embeddedTaskIds).default(defaultTaskIds))
    .option("--no-open", "do not open the page in a browser (done only when stdout is a terminal)")
    .option("--keep", "keep the logs and the database after stopping", false)
    .parse(argv, { from: "user" });
  const values = command.opts<{
    period: number;
    periods?: number;
    model?: string;
    tasks: readonly string[];
    json: boolean;
    port?: number;
    keep: boolean;
    open: boolean;
  }>();
  return {
    periodMs: values.period * 1000,
    periods: values.periods ?? (values.json || values.model !== undefined ? 3 : null),
    isJson: values.json,
    modelPath: values.model === undefined ? null : resolve(values.model),
    taskIds: values.tasks,
    port: values.port ?? null,
    isKept: values.keep,
    isOpened: values.open && !values.json,
  };
}
