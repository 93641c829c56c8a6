import { readFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { evaluatePopulation } from "./population.js";
import { isWithinBound, renderTable } from "./render.js";
import { renderComparison } from "./render-comparison.js";
import { validatorHeads, validatorRows } from "./render-validators.js";
import { readReport } from "./report.js";
import { runJobs } from "./run-jobs.js";
import { runUntilDecided } from "./run-until-decided.js";
import { strategies } from "./strategies/index.js";
import { evaluateValidators, type ValidatorResult } from "./validator-trust.js";
import type { LabJob } from "./worker.js";
import { defaultWorld } from "./world.js";

/** Seeds that validators are compared on: the means of hundreds of epochs need no more. */
const MOST_VALIDATOR_SEEDS = 8;

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("must be a whole number of 1 or more");
  return value;
};

const hoursOrNone = (text: string): number => (text === "0" ? 0 : wholeNumber(text));

const share = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError("must be 0 to 1");
  return value;
};

const program = new Command("lab")
  .description("Tries strategies of miners against the mechanism, in simulated subnets over the product's own functions.")
  .option("--strategy <names...>", "only these; all by default")
  .option("--seeds <n>", "simulated subnets for each strategy", wholeNumber, 20)
  .option("--most-seeds <n>", "so many for strategies whose interval holds the bound", wholeNumber, 1)
  .option("--miners <n>", "miners of each subnet", wholeNumber, 10)
  .option("--validators <n>", "validators of each subnet", wholeNumber, 1)
  .option("--users <share>", "mean share of the declared capacity that users ask for", share, 0)
  .option("--hours <n>", "hours that are simulated", wholeNumber, 240)
  .option("--checks-wait <hours>", "until the last check of an hour is judged", hoursOrNone, 0)
  .option("--json", "one JSON report on stdout")
  .option("--compare <file>", "an earlier report of --json, to compare with")
  .option("--list", "the strategies, a line each")
  .action(main);

await program.parseAsync();

type Options = {
  readonly strategy?: readonly string[];
  readonly seeds: number;
  readonly mostSeeds: number;
  readonly miners: number;
  readonly validators: number;
  readonly users: number;
  readonly hours: number;
  readonly checksWait: number;
  readonly json?: true;
  readonly compare?: string;
  readonly list?: true;
};

async function main(options: Options): Promise<void> {
  if (options.list)
    return void process.stdout.write(strategies.map(({ name, description }) => `${name.padEnd(28)}${description}\n`).join(""));
  const names = options.strategy ?? strategies.map(({ name }) => name);
  const unknown = names.filter((name) => !strategies.some((strategy) => strategy.name === name));
  if (unknown.length > 0) program.error(`There is no strategy ${unknown.join(", ")}; --list names them.`, { exitCode: 2 });
  const earlier = options.compare === undefined ? null : readReport(await readFile(options.compare, "utf8"));
  const { miners, validators, mostSeeds, users, hours, checksWait: checksWaitHours } = options;
  const firstSeeds = (length: number) => Array.from({ length }, (_, index) => index + 1);
  const seeds = firstSeeds(options.seeds);
  // A strategy's own world goes before: one that is about two validators has two.
  const jobs = names.map((strategy) => ({ strategy, seeds, world: { miners, validators, users, hours, checksWaitHours } }));
  const startedMs = performance.now();
  let done = 0;
  const world = { ...defaultWorld, miners, validators, users, hours, checksWaitHours };
  const population = evaluatePopulation(world, seeds);
  const validatorResults = evaluateValidators(world, seeds.slice(0, MOST_VALIDATOR_SEEDS));
  const run = (some: readonly LabJob[]) =>
    runJobs(some, ({ strategy }) => {
      done += 1;
      showProgress(`${done} of ${jobs.length} strategies, ${((performance.now() - startedMs) / 1000).toFixed(0)} s: ${strategy}`);
    });
  const results = await runUntilDecided(jobs, firstSeeds(mostSeeds), run);
  if (process.stderr.isTTY) process.stderr.write("\n");
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), world: { miners, validators, users, hours, checksWaitHours }, seeds: options.seeds, ...(mostSeeds > options.seeds ? { mostSeeds } : {}), population, validators: validatorResults, results }, null, 2)}\n`,
    );
  else process.stdout.write(`${earlier === null ? renderTable(results) : renderComparison(results, earlier)}\n`);
  if (!options.json) {
    const { incomeByWorth, validatorsAgree, hoursToTrueVolume } = population;
    process.stdout.write(`${renderValidators(validatorResults)}\n`);
    process.stdout.write(
      `Honest miners: income follows capacity x quality x speed by ${incomeByWorth.toFixed(3)} (Spearman), a newcomer has 0.9 of its true volume after ${hoursToTrueVolume} h${validators > 1 ? `, validators agree by ${validatorsAgree.toFixed(3)}` : ""}.\n`,
    );
  }
  if (results.some((result) => !isWithinBound(result))) process.exitCode = 1;
}

function showProgress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
}

function renderValidators(results: readonly ValidatorResult[]): string {
  const table = new Table({ head: [...validatorHeads], style: { head: [], border: [] } });
  table.push(...validatorRows(results).map((row) => [...row]));
  return table.toString();
}
