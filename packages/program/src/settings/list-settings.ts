import type { z } from "zod";
import { partsOf, unwrap } from "./schema-parts.js";
import { type SettingWords, wordsOf } from "./setting.js";

/** How a setting is written outside the file. A list is texts with commas between them. */
export type SettingKind = "text" | "number" | "boolean" | "list" | "json";

/** Names of a setting outside the file. */
export type OuterNames = { readonly variable: string /** Without dashes. */; readonly flag: string };

/** One setting with everything that is known of it. */
export type SettingDefinition = SettingWords & {
  /** Its place in the file. `NAME` stands for any name of a map. */
  readonly path: readonly string[];
  readonly kind: SettingKind;
  readonly schema: z.core.$ZodType;
  /** A section of the file: what is given of it from outside is put over what the file says, name by name. */
  readonly isSection: boolean;
  /** What holds when nothing is given, in Markdown; empty where nothing does. */
  readonly defaultText: string;
  /** Null for a setting that only the file can hold. */
  readonly names: OuterNames | null;
  readonly former: readonly FormerNames[];
};

/** What a setting was called before: a place in the file, names outside it, or both. */
export type FormerNames = { readonly path: readonly string[] | null; readonly names: OuterNames | null };

/** Stands for any name of a map in a setting's path. */
const ANY_NAME = "NAME";

/**
 * Every setting of a program's schema, in its order.
 *
 * @throws TypeError for a setting without words.
 */
export function listSettings(program: string, shape: Readonly<Record<string, z.core.$ZodType>>): readonly SettingDefinition[] {
  return Object.entries(shape).flatMap(([name, schema]) => listBelow(program, schema, { path: [name], isInMap: false }));
}

type Place = { readonly path: readonly string[]; readonly isInMap: boolean };

function listBelow(program: string, schema: z.core.$ZodType, { path, isInMap }: Place): readonly SettingDefinition[] {
  const words = wordsOf(schema);
  const parts = partsOf(schema);
  const own = words === undefined ? [] : [define(program, schema, { path, isInMap, words })];
  if (parts.kind === "object") {
    return [...own, ...Object.entries(parts.shape).flatMap(([name, each]) => listBelow(program, each, { path: [...path, name], isInMap }))];
  }
  if (parts.kind === "map" && partsOf(parts.value).kind === "object") {
    return [...own, ...listBelow(program, parts.value, { path: [...path, ANY_NAME], isInMap: true })];
  }
  if (words === undefined && !isInMap) throw new TypeError(`${path.join(".")} is no setting: say what it is for`);
  return own;
}

function define(
  program: string,
  schema: z.core.$ZodType,
  { path, isInMap, words }: Place & { readonly words: SettingWords },
): SettingDefinition {
  const parts = partsOf(schema);
  const names = namesOf(program, path);
  const namesBefore = (former: readonly string[]) => {
    const before = namesOf(program, former);
    return before.flag === names.flag ? null : before;
  };
  const former = [
    ...(words.formerly ?? []).map((place) => place.split(".")).map((place) => ({ path: place, names: namesBefore(place) })),
    ...(words.formerFlags ?? []).map((flag) => ({ path: null, names: namesBefore(flag.split("-")) })),
  ];
  return {
    ...words,
    path,
    kind: kindOf(parts),
    schema,
    isSection: parts.kind === "object",
    defaultText: words.defaultText ?? describeDefault(unwrap(schema).defaultValue),
    names: isInMap ? null : names,
    former,
  };
}

function kindOf(parts: ReturnType<typeof partsOf>): SettingKind {
  if (parts.kind === "list") return partsOf(parts.element).kind === "text" ? "list" : "json";
  return parts.kind === "text" || parts.kind === "number" || parts.kind === "boolean" ? parts.kind : "json";
}

function describeDefault(value: unknown): string {
  if (value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0)) return "";
  return `\`${typeof value === "string" || typeof value === "bigint" ? value : JSON.stringify(value)}\``;
}

/** `gateway.maxAttempts` of the validator is `VISION_VALIDATOR_GATEWAY_MAX_ATTEMPTS` and `gateway-max-attempts`. */
function namesOf(program: string, path: readonly string[]): OuterNames {
  const flag = path.join("-").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { flag, variable: `${variablePrefix(program)}${flag.toUpperCase().replaceAll("-", "_")}` };
}

/** What the environment variables of a program begin with. */
export function variablePrefix(program: string): string {
  return `VISION_${program.toUpperCase()}_`;
}
