import { VisionError } from "@vision/protocol";
import { z } from "zod";
import { redact } from "../redact.js";
import { describeIssue, type SettingProblem } from "./describe-issue.js";
import { readLeniently, type Seen } from "./read-leniently.js";
import { readSources, type SettingSources, type SourceProblem } from "./read-sources.js";
import type { SettingProgram } from "./setting-program.js";

/** What a check across settings can look at. */
export type CheckedSettings<Settings> = {
  /** What is right of the settings so far. */
  readonly seen: Seen<Settings>;
  /** True where something is given, right or wrong. */
  isGiven(...path: readonly string[]): boolean;
};

/** Looks for mistakes between settings that are right one by one, or between them and the world. */
export type SettingCheck<Settings> = (
  settings: CheckedSettings<Settings>,
) => readonly SettingProblem[] | Promise<readonly SettingProblem[]>;

/** Settings ready to use. */
export type LoadedSettings<Settings> = {
  readonly settings: Settings;
  /** The config file's folder; the working directory without one. */
  readonly folder: string;
};

/**
 * Loads a program's settings, or some of them for a command that needs no more. Names that the program does not have are refused: a command would
 * else work on a default, such as another database, where one is misspelt.
 *
 * @param part - The settings to load: the program's whole shape, or some of it, where nothing but the names of the rest is looked at.
 * @throws {@link VisionError} `CONFIG_INVALID` with every problem of every source at once, one a line; `facts.problems` has them as data.
 * Values are not repeated in it, so that no secret is.
 */
export async function loadSettings<Part extends z.ZodRawShape>(
  program: SettingProgram,
  part: Part,
  { sources, check }: { readonly sources: SettingSources; readonly check?: SettingCheck<z.output<z.ZodObject<Part>>> },
): Promise<LoadedSettings<z.output<z.ZodObject<Part>>>> {
  const rest = Object.keys(program.shape).filter((name) => !(name in part));
  const { merged, problems: sourceProblems, isFileGood, folder } = await readSources(program, sources);
  const schema = z.object(part);
  const named = z.strictObject({ ...Object.fromEntries(rest.map((name) => [name, z.unknown().optional()])), ...part });
  const parsed = named.safeParse(merged.value(), { reportInput: true });
  const seen = readLeniently(schema, merged.value()) ?? ({} as Seen<z.output<z.ZodObject<Part>>>);
  const found: readonly SettingProblem[] = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(describeIssue)),
    ...((await check?.({ seen, isGiven: (...path) => merged.get(path) !== undefined })) ?? []),
  ];

  const describe = ({ path, message, isMissing = false }: SettingProblem): SourceProblem => {
    const name = path.join(".");
    const definition = program.definitions.find((each) => each.path.join(".") === name);
    const origin = merged.originOf(path);
    const names = definition?.names ?? null;
    const place = origin ?? (names === null ? merged.originOf(path.slice(0, -1)) : `${names.variable} or --${names.flag}`);
    const example = isMissing && definition?.example !== undefined ? `; e.g. ${definition.example}` : "";
    return {
      where: name === "" ? "the configuration" : place === undefined ? name : `${name} (${place})`,
      message: `${redact(message)}${example}`,
    };
  };
  // What could not even be read is told once, and what is missing may well be in a file that could not be.
  const isTold = ({ path, isMissing = false }: SettingProblem) =>
    (isMissing && !isFileGood) || sourceProblems.some(({ where }) => where.startsWith(`${path.join(".")} (`));
  const problems = [...sourceProblems, ...found.filter((problem) => !isTold(problem)).map(describe)];
  if (!parsed.success || problems.length > 0) throw invalidSettings(problems);
  const settings = Object.fromEntries(Object.entries(parsed.data).filter(([name]) => name in part));
  return { settings: settings as z.output<typeof schema>, folder };
}

/** The refusal of a configuration, with every problem on a line of its own. */
export function invalidSettings(problems: readonly SourceProblem[]): VisionError {
  return new VisionError({
    code: "CONFIG_INVALID",
    message: `The configuration has ${problems.length === 1 ? "a mistake" : `${problems.length} mistakes`}:\n${problems
      .map(({ where, message }) => `  - ${where}: ${message}`)
      .join("\n")}`,
    facts: { problems },
  });
}
