import { MOST_BUDGET_UNITS, newKeyRequestSchema } from "@vision/protocol";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandLine } from "./add-database-commands.js";
import { type CommandContext, databaseSections } from "./command-context.js";
import { parseCount } from "./parse-count.js";

/** Flags of `keys create`, parsed. */
type KeyOptions = {
  readonly name: string;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute?: number;
  readonly concurrent: number;
  readonly monthlyUnits?: number;
  readonly creditUnits?: number;
  readonly shareRequests?: boolean;
};

const UNITS = "work units: tokens of answers, steps of pictures";

const { name: nameSchema, requestsPerMinute: limitSchema } = newKeyRequestSchema.shape;

function parseName(text: string): string {
  const name = nameSchema.safeParse(text);
  if (!name.success) throw new InvalidArgumentError("It must have 1 to 128 characters.");
  return name.data;
}

/** As the operator's API takes them: a key of 0 requests a minute would be good for nothing. */
function parseLimit(text: string): number {
  const limit = limitSchema.safeParse(parseCount(text));
  if (!limit.success) throw new InvalidArgumentError("It must be at least 1.");
  return limit.data;
}

function parseUnits(text: string): number {
  const units = /^\d{1,13}$/.test(text) ? Number(text) : Number.NaN;
  if (!(units <= MOST_BUDGET_UNITS)) throw new InvalidArgumentError(`It must be a whole number of at most ${MOST_BUDGET_UNITS}.`);
  return units;
}

function parseBudget(text: string): number | null {
  return text === "none" ? null : parseUnits(text);
}

function parseCredit(text: string): number | null {
  if (text === "none") return null;
  const [, sign, digits] = /^([+-]?)(\d+)$/.exec(text) ?? [];
  const units = parseUnits(digits ?? "");
  if (units === 0) throw new InvalidArgumentError("Zero adds nothing.");
  return sign === "-" ? -units : units;
}

/** Adds `keys create`, `keys list`, `keys budget`, `keys credit`, `keys revoke`, `keys share` and `keys unshare`. */
export function addKeyCommands(program: Command, { addSettings, sourcesOf, finish }: CommandLine, context: CommandContext): void {
  const keys = program.command("keys").description("make, list and revoke keys of the API, and say what they may use");
  const add = (name: string, description: string) => addSettings(keys.command(name).description(description), databaseSections);

  add("create", "make a key and print it, once")
    .option("--name <text>", "what the key is for", parseName, "unnamed")
    .option("--requests-per-minute <number>", "requests of the key in a minute", parseLimit, 60)
    .option(
      "--tokens-per-minute <number>",
      "tokens of answers in a minute (steps where the answer is a picture); no limit if not given",
      parseLimit,
    )
    .option("--concurrent <number>", "requests of the key at a time", parseLimit, 32)
    .option("--monthly-units <number>", `${UNITS}, in a calendar month in UTC; no limit if not given`, parseUnits)
    .option("--credit-units <number>", `${UNITS}, that are paid for: the key is good for no more; for any number if not given`, parseUnits)
    .option("--share-requests", "keep its requests for a while, for the validator to draw its own from; its users must agree")
    .action(async (options: KeyOptions, command: Command) => {
      const { createKey } = await import("./keys.js");
      const { name, requestsPerMinute, tokensPerMinute = null, concurrent, shareRequests: sharesRequests = false } = options;
      const { monthlyUnits = null, creditUnits: paidUnits = null } = options;
      const budget = { monthlyUnits, paidUnits };
      const key = { name, requestsPerMinute, tokensPerMinute, concurrentRequests: concurrent, sharesRequests, ...budget };
      await finish(createKey(sourcesOf(command), key, context));
    });
  add("list", "list all keys with what is left of their budgets, without their texts")
    .option("--json", "print JSON")
    .action(async (options: { readonly json?: boolean }, command: Command) => {
      const { listKeys } = await import("./keys.js");
      await finish(listKeys(sourcesOf(command), { isJson: options.json === true }, context));
    });
  add("budget", "set what a key may use in a calendar month")
    .argument("<id-or-beginning>")
    .argument("<units>", `${UNITS}; or none, for no limit`, parseBudget)
    .action(async (idOrPrefix: string, monthlyUnits: number | null, _options, command: Command) => {
      const { setBudget } = await import("./keys.js");
      await finish(setBudget(sourcesOf(command), { idOrPrefix, monthlyUnits }, context));
    });
  add("credit", "add to what is paid for of a key; with the first credit the key is good for no more than that")
    .argument("<id-or-beginning>")
    .argument("<units>", `${UNITS}; -- -1000 takes back, none makes the key good without credit`, parseCredit)
    .option("--reference <text>", "what you call the payment; of credits with the same one only the first counts")
    .action(async (idOrPrefix: string, units: number | null, { reference }: { readonly reference?: string }, command: Command) => {
      const { changeCredit } = await import("./keys.js");
      await finish(changeCredit(sourcesOf(command), { idOrPrefix, units, reference: reference ?? null }, context));
    });
  add("revoke", "end a key")
    .argument("<id-or-beginning>")
    .action(async (idOrPrefix: string, _options, command: Command) => {
      const { revokeKey } = await import("./keys.js");
      await finish(revokeKey(sourcesOf(command), { idOrPrefix }, context));
    });
  const sharing = [
    ["share", "keep a key's requests for a while, for the validator to draw its own from", true],
    ["unshare", "delete what was kept of a key's requests, and keep no more", false],
  ] as const;
  for (const [name, description, sharesRequests] of sharing) {
    add(name, description)
      .argument("<id-or-beginning>")
      .action(async (idOrPrefix: string, _options, command: Command) => {
        const { shareKey } = await import("./keys.js");
        await finish(shareKey(sourcesOf(command), { idOrPrefix, sharesRequests }, context));
      });
  }
}
