import { readFile } from "node:fs/promises";
import { redact } from "@vision/program";
import { VisionError } from "@vision/protocol";
import { z } from "zod";
import { type ValidatorConfig, validatorConfigSchema } from "./schema.js";
import { chainSection, databaseSection, missingChain, taskChangesSection } from "./sections.js";
import { environmentName, flagName, type SettingDefinition, settingDefinitions } from "./setting-definitions.js";

/** Where settings come from; later ones win: file, environment, flags. */
export type ConfigSources = {
  /** Path of a JSON file; null for none. */
  readonly file: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Text by flag name without dashes. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
};

/** One thing to change. */
export type ConfigProblem = { readonly where: string; readonly message: string };

/** Names the configuration file where no flag does. */
export const CONFIG_FILE_VARIABLE = "VISION_VALIDATOR_CONFIG";

type Settings = Record<string, unknown>;

function isRecord(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseText(kind: SettingDefinition["kind"], text: string): { readonly value: unknown } | { readonly problem: string } {
  switch (kind) {
    case "text":
      return { value: text };
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? { value: Number(text) } : { problem: "must be a number" };
    case "boolean": {
      const word = text.trim().toLowerCase();
      if (["true", "1", "yes", "on"].includes(word)) return { value: true };
      return ["false", "0", "no", "off"].includes(word) ? { value: false } : { problem: "must be true or false" };
    }
    case "list":
      return { value: text.split(",").map((part) => part.trim()) };
    case "json":
      try {
        return { value: JSON.parse(text) };
      } catch {
        return { problem: "must be JSON" };
      }
  }
}

function put(settings: Settings, [section, name]: SettingDefinition["path"], value: unknown): void {
  const present = settings[section];
  if (name !== undefined) settings[section] = { ...(isRecord(present) ? present : {}), [name]: value };
  else settings[section] = isRecord(present) && isRecord(value) ? { ...present, ...value } : value;
}

async function readSettings(file: string | null, problems: ConfigProblem[]): Promise<Settings> {
  if (file === null) return {};
  try {
    const settings: unknown = JSON.parse(await readFile(file, "utf8"));
    if (isRecord(settings)) return settings;
    problems.push({ where: file, message: "must hold a JSON object" });
  } catch (error) {
    problems.push({
      where: file,
      message: error instanceof SyntaxError ? `is not JSON: ${error.message}` : "cannot be read; check the path",
    });
  }
  return {};
}

/** Sections as JSON go first, so that a single setting beside them wins. */
function wholeSectionsFirst(definitions: readonly SettingDefinition[]): readonly SettingDefinition[] {
  return [...definitions.filter(({ path }) => path.length === 1), ...definitions.filter(({ path }) => path.length > 1)];
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `unknown: ${issue.keys.join(", ")}; remove or correct the name`;
  if (issue.code === "invalid_type" && issue.input === undefined && /received undefined/.test(issue.message)) return "is missing";
  return issue.message;
}

/** Where a problem can be mended, by every name that the setting has. */
function describePlace(path: readonly PropertyKey[]): string {
  const name = path.map(String).join(".");
  const definition = settingDefinitions.find((candidate) => candidate.path.length === 2 && candidate.path.join(".") === name);
  if (definition === undefined) return name === "" ? "the configuration" : name;
  return `${name} (${environmentName(definition)}${definition.hasFlag === false ? "" : ` or --${flagName(definition)}`})`;
}

/** The settings of all sources in one, with the problems of reading them. */
async function mergeSources(sources: ConfigSources): Promise<{ readonly settings: Settings; readonly problems: ConfigProblem[] }> {
  const problems: ConfigProblem[] = [];
  const settings = await readSettings(sources.file, problems);
  const definitions = wholeSectionsFirst(settingDefinitions);

  for (const definition of definitions) {
    const name = environmentName(definition);
    const own = sources.environment[name];
    const [source, text] =
      own !== undefined || definition.alias === undefined ? [name, own] : [definition.alias, sources.environment[definition.alias]];
    if (text === undefined || text === "") continue;
    const parsed = parseText(definition.kind, text);
    if ("value" in parsed) put(settings, definition.path, parsed.value);
    else problems.push({ where: source, message: parsed.problem });
  }
  const known = new Set(settingDefinitions.map(environmentName));
  for (const name of Object.keys(sources.environment)) {
    if (name.startsWith("VISION_VALIDATOR_") && name !== CONFIG_FILE_VARIABLE && !known.has(name)) {
      problems.push({ where: name, message: "there is no such setting; see vision-validator run --help" });
    }
  }
  for (const definition of definitions) {
    const text = sources.flags?.[flagName(definition)];
    if (text === undefined) continue;
    const parsed = parseText(definition.kind, text);
    if ("value" in parsed) put(settings, definition.path, parsed.value);
    else problems.push({ where: `--${flagName(definition)}`, message: parsed.problem });
  }
  return { settings, problems };
}

function parseWith<Value>(schema: z.ZodType<Value>, settings: Settings, problems: ConfigProblem[]): Value {
  const parsed = schema.safeParse(settings);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push({ where: describePlace(issue.path), message: redact(describeIssue(issue)) });
  }
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new VisionError({
    code: "CONFIG_INVALID",
    message: `The configuration has ${problems.length === 1 ? "a mistake" : `${problems.length} mistakes`}:\n${problems
      .map(({ where, message }) => `  - ${where}: ${message}`)
      .join("\n")}`,
    facts: { problems },
  });
}

/**
 * The validator's configuration.
 *
 * @throws {@link VisionError} `CONFIG_INVALID` with every problem at once, one a line; `facts.problems` has them as data. Values are not
 * repeated in it, so that no secret is.
 */
export async function loadConfig(sources: ConfigSources): Promise<ValidatorConfig> {
  const { settings, problems } = await mergeSources(sources);
  return parseWith(validatorConfigSchema, settings, problems);
}

/** Only the chain's settings and the tasks, for commands that sign nothing. @throws {@link VisionError} `CONFIG_INVALID`. */
export async function loadChainConfig(sources: ConfigSources): Promise<{
  readonly chain: ValidatorConfig["chain"];
  readonly registry: ValidatorConfig["registry"];
}> {
  const { settings, problems } = await mergeSources(sources);
  const schema = z.object({ chain: chainSection.prefault(missingChain), taskChanges: taskChangesSection.prefault({}) });
  const { chain, taskChanges } = parseWith(schema, settings, problems);
  return { chain, registry: taskChanges };
}

/** Only the database's settings, for commands that need nothing else. @throws {@link VisionError} `CONFIG_INVALID`. */
export async function loadDatabaseConfig(sources: ConfigSources): Promise<ValidatorConfig["database"]> {
  const { settings, problems } = await mergeSources(sources);
  const schema = z.object({ database: databaseSection.prefault({}) });
  return parseWith(schema, settings, problems).database;
}
