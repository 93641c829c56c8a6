import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { type CrossMistake, findCrossMistakes } from "./cross-checks.js";
import { type MinerConfig, minerConfigSchema } from "./miner-config.js";
import { findMissingFiles } from "./missing-files.js";
import { CONFIG_VARIABLE, type Setting, settings } from "./settings.js";

/** Where a configuration comes from. */
export type ConfigSources = {
  /** Path of the JSON file, when `--config` names one. */
  readonly configPath: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Flags by long name, without dashes. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  /** Folder that paths count from when there is no config file. */
  readonly workingDirectory: string;
};

/** A configuration ready to use, or everything that is wrong with it. */
export type Loaded<Config> =
  | { readonly ok: true; readonly config: Config /** Folder that paths in it count from. */; readonly baseDirectory: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/** What {@link loadConfig} leads to. */
export type LoadedConfig = Loaded<MinerConfig>;

/** Loads the configuration: the file, then the environment, then the flags. Finds every mistake at once. */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  return load(sources, minerConfigSchema, findCrossMistakes);
}

/** Loads the configuration as {@link loadConfig} does, and looks as well whether the files that it names are there. */
export async function loadConfigAndLook(sources: ConfigSources): Promise<LoadedConfig> {
  return load(sources, minerConfigSchema, async (merged, baseDirectory) => [
    ...findCrossMistakes(merged),
    ...(await findMissingFiles(merged, baseDirectory)),
  ]);
}

/**
 * Loads a part of the configuration, for commands that need no more of it. What the schema does not name is not looked at.
 *
 * @param schema - Of an object with some of the configuration's keys.
 */
export async function loadConfigPart<Part>(sources: ConfigSources, schema: z.ZodType<Part>): Promise<Loaded<Part>> {
  return load(sources, schema, () => []);
}

async function load<Config>(
  sources: ConfigSources,
  schema: z.ZodType<Config>,
  findMistakes: (merged: unknown, baseDirectory: string) => readonly CrossMistake[] | Promise<readonly CrossMistake[]>,
): Promise<Loaded<Config>> {
  const problems: string[] = [];
  const origins = new Map<string, string>();
  const configPath = sources.configPath ?? sources.environment[CONFIG_VARIABLE];
  const file = configPath === undefined ? {} : await readConfigFile(resolve(sources.workingDirectory, configPath), problems);
  const baseDirectory = configPath === undefined ? sources.workingDirectory : dirname(resolve(sources.workingDirectory, configPath));

  let merged: unknown = file;
  const apply = (setting: Setting, text: string | boolean, origin: string) => {
    const value = readValue(setting, text);
    if (!value.ok) problems.push(`${setting.path.join(".")}: ${value.problem} (from ${origin})`);
    else {
      merged = put(merged, setting.path, value.value);
      origins.set(setting.path.join("."), origin);
    }
  };
  for (const setting of settings) {
    const text = sources.environment[setting.environment];
    if (text !== undefined && text !== "") apply(setting, text, setting.environment);
  }
  problems.push(...unknownVariables(sources.environment));
  for (const setting of settings) {
    const text = sources.flags[setting.flag];
    if (text !== undefined) apply(setting, text, `--${setting.flag}`);
  }

  const parsed = schema.safeParse(merged, { reportInput: true });
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => describeIssue(issue, origins)));
  const mistakes = await findMistakes(merged, baseDirectory);
  problems.push(...mistakes.map(({ path, message }) => `${path}: ${message}${from(origins.get(path))}`));
  if (problems.length > 0 || !parsed.success) return { ok: false, problems };
  return { ok: true, config: parsed.data, baseDirectory };
}

async function readConfigFile(path: string, problems: string[]): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(`config file: ${path} cannot be read as JSON: ${reason}`);
    return {};
  }
}

type ReadValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

function readValue(setting: Setting, text: string | boolean): ReadValue {
  switch (setting.kind) {
    case "text":
      return { ok: true, value: String(text) };
    case "number": {
      const value = Number(text);
      return Number.isFinite(value) ? { ok: true, value } : { ok: false, problem: `"${text}" is not a number` };
    }
    case "boolean": {
      if (text === true || text === "true" || text === "1") return { ok: true, value: true };
      if (text === false || text === "false" || text === "0") return { ok: true, value: false };
      return { ok: false, problem: `"${text}" must be true or false` };
    }
    case "list":
      return {
        ok: true,
        value: String(text)
          .split(",")
          .map((part) => part.trim()),
      };
    case "json":
      try {
        return { ok: true, value: JSON.parse(String(text)) };
      } catch (error) {
        return { ok: false, problem: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
      }
  }
}

function put(target: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const record = isRecord(target) ? target : {};
  return { ...record, [key]: put(record[key], rest, value) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownVariables(environment: ConfigSources["environment"]): readonly string[] {
  const known = new Set([CONFIG_VARIABLE, ...settings.map((setting) => setting.environment)]);
  return Object.keys(environment)
    .filter((name) => name.startsWith("VISION_MINER_") && !known.has(name))
    .map((name) => `${name}: is not a setting; remove it, or choose from ${[...known].join(", ")}`);
}

/** One line for a mistake; several for unknown keys, one each. */
function describeIssue(issue: z.core.$ZodIssue, origins: ReadonlyMap<string, string>): readonly string[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${[...issue.path, key].join(".")}: is not a setting; remove it or correct its name`);
  }
  if (issue.code === "invalid_key") return [`${path}: ${issue.issues.map((nested) => nested.message).join("; ")}`];
  const message = issue.code === "invalid_type" && issue.input === undefined ? `is missing${hint(path)}` : issue.message;
  return [`${path === "" ? "configuration" : path}: ${message}${from(origins.get(path))}`];
}

function from(origin: string | undefined): string {
  return origin === undefined ? "" : ` (from ${origin})`;
}

const hints: Readonly<Record<string, string>> = {
  hotkey: '; e.g. { "wallet": "default" } or { "mnemonicFile": "hotkey.txt" }, or for development { "uri": "//Alice" } with allowDevKeys',
  tasks: '; e.g. { "chat-tiny": { "capacityPerHour": 60000 } }',
  backends: '; e.g. { "local": { "kind": "tiny" } }',
  chain: '; e.g. { "url": "finney", "netuid": 19 }, or --network finney --netuid 19',
};

function hint(path: string): string {
  return hints[path] ?? "";
}
