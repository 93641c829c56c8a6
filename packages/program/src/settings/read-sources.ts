import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { type OuterNames, type SettingDefinition, variablePrefix } from "./list-settings.js";
import { createMergedSettings, type MergedSettings } from "./merged-settings.js";
import { parseJson, parseText } from "./parse-text.js";
import { resolvePaths } from "./resolve-paths.js";
import { isRecord } from "./schema-parts.js";
import type { SettingProgram } from "./setting-program.js";

/** Where settings come from. Flags win over the environment, the environment wins over the file. */
export type SettingSources = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Texts by flag without dashes; `config` names the file. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths from outside the file count from. */
  readonly workingDirectory: string;
  /** Told of every former name that is used. */
  readonly warn: (used: FormerNameUse) => void;
};

/** A setting was given under a name that it had before. */
export type FormerNameUse = { readonly former: string; readonly name: string };

/** Says what to do about a former name. */
export function describeFormerName({ former, name }: FormerNameUse): string {
  return `${former} is called ${name} now; the next release takes no other name.`;
}

/** A problem with the place where it can be mended. */
export type SourceProblem = { readonly where: string; readonly message: string };

/** What all sources say, as one. */
export type ReadSources = {
  readonly merged: MergedSettings;
  readonly problems: readonly SourceProblem[];
  /** False where there is a config file that says nothing, since it is no good. */
  readonly isFileGood: boolean;
  /** The config file's folder; the working directory without one. */
  readonly folder: string;
};

/** Reads the file, then the environment, then the flags. */
export async function readSources(program: SettingProgram, sources: SettingSources): Promise<ReadSources> {
  const { environment, flags, workingDirectory, warn } = sources;
  const problems: SourceProblem[] = [];
  const configPath = [flags["config"], environment[program.configVariable]].find((path) => path !== undefined && path !== "");
  const file = configPath === undefined ? null : resolve(workingDirectory, configPath);
  const folder = file === null ? workingDirectory : dirname(file);
  const merged = createMergedSettings(file === null ? {} : await readConfigFile(file, problems), configPath);
  const isFileGood = problems.length === 0;
  const notes = { merged, problems, warn };
  if (configPath !== undefined) takeFormerPlaces(program, configPath, notes);
  merged.change((value) => resolvePaths(z.object(program.shape), value, folder));

  // Whole sections go first, so that a single setting beside them wins.
  const definitions = program.definitions.filter(({ names }) => names !== null).sort((one, other) => one.path.length - other.path.length);
  for (const layer of [environmentLayer(environment), flagLayer(flags)]) {
    for (const definition of definitions) takeOuter(definition, layer, { ...notes, workingDirectory });
  }
  return { merged, problems: [...problems, ...unknownVariables(program, environment)], isFileGood, folder };
}

type Notes = { readonly merged: MergedSettings; readonly problems: SourceProblem[]; readonly warn: SettingSources["warn"] };

async function readConfigFile(file: string, problems: SourceProblem[]): Promise<unknown> {
  const text = await readFile(file, "utf8").catch(() => null);
  const parsed = text === null ? { problem: "cannot be read; check the path and the permissions" } : parseJson(text);
  if ("value" in parsed && isRecord(parsed.value)) return parsed.value;
  problems.push({ where: file, message: "problem" in parsed ? parsed.problem : "must hold a JSON object" });
  return {};
}

/** Moves what the file has under former names to where it belongs now. */
function takeFormerPlaces({ definitions }: SettingProgram, configPath: string, { merged, problems, warn }: Notes): void {
  for (const { path, former: formerPlaces } of definitions) {
    for (const { path: former } of formerPlaces) {
      if (former === null) continue;
      const value = merged.get(former);
      if (value === undefined) continue;
      const [newName, formerName] = [path.join("."), former.join(".")];
      merged.remove(former);
      if (merged.get(path) !== undefined) problems.push({ where: `${formerName} (${configPath})`, message: sameTwice(newName) });
      else merged.put(path, value, { origin: `${configPath}, as ${formerName}` });
      warn({ former: `${formerName} (${configPath})`, name: newName });
    }
  }
}

/** One source outside the file. */
type OuterLayer = {
  textOf(names: OuterNames): string | undefined;
  nameOf(names: OuterNames): string;
  /** A name that is not ours and is read where ours is not there. */
  alsoOf(definition: SettingDefinition): { readonly name: string; readonly text: string | undefined } | null;
};

function environmentLayer(environment: SettingSources["environment"]): OuterLayer {
  const textOf = (variable: string) => (environment[variable] === "" ? undefined : environment[variable]);
  return {
    textOf: ({ variable }) => textOf(variable),
    nameOf: ({ variable }) => variable,
    alsoOf: ({ alsoVariable }) => (alsoVariable === undefined ? null : { name: alsoVariable, text: textOf(alsoVariable) }),
  };
}

function flagLayer(flags: SettingSources["flags"]): OuterLayer {
  return { textOf: ({ flag }) => flags[flag], nameOf: ({ flag }) => `--${flag}`, alsoOf: () => null };
}

function takeOuter(
  definition: SettingDefinition,
  layer: OuterLayer,
  { merged, problems, warn, workingDirectory }: Notes & { readonly workingDirectory: string },
): void {
  const { path, names, kind, schema, isSection } = definition;
  if (names === null) return;
  const given: { readonly name: string; readonly text: string }[] = [];
  const take = (name: string, text: string | undefined) => void (text === undefined ? undefined : given.push({ name, text }));
  take(layer.nameOf(names), layer.textOf(names));
  for (const { names: former } of definition.former) {
    const text = former === null ? undefined : layer.textOf(former);
    if (former === null || text === undefined) continue;
    warn({ former: layer.nameOf(former), name: layer.nameOf(names) });
    if (given.length > 0) problems.push({ where: layer.nameOf(former), message: sameTwice(layer.nameOf(names)) });
    take(layer.nameOf(former), text);
  }
  const also = layer.alsoOf(definition);
  if (also !== null) take(also.name, also.text);
  const [first] = given;
  if (first === undefined) return;
  const parsed = parseText(kind, first.text);
  if ("problem" in parsed) problems.push({ where: `${path.join(".")} (${first.name})`, message: parsed.problem });
  else merged.put(path, resolvePaths(schema, parsed.value, workingDirectory), { origin: first.name, isSection });
}

const sameTwice = (name: string) => `is a former name of ${name}, which is given too; remove it`;

function unknownVariables({ name, definitions, configVariable }: SettingProgram, environment: SettingSources["environment"]) {
  const known = new Set([
    configVariable,
    ...definitions.flatMap(({ names, former }) => [names, ...former.map((each) => each.names)].map((each) => each?.variable)),
  ]);
  return Object.keys(environment)
    .filter((variable) => variable.startsWith(variablePrefix(name)) && !known.has(variable))
    .map((variable) => ({ where: variable, message: "there is no such setting; remove it or correct its name" }));
}
