import type { SettingsChange } from "./records/index.js";

/** Settings as JSON, secrets hidden. */
export type ShownSettings = Readonly<Record<string, unknown>>;

/** Values as they are told; texts longer than this are cut, so that no list of tasks fills the log. */
const MOST_CHARACTERS = 1_000;

function isSection(value: unknown): value is ShownSettings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): unknown {
  const text = JSON.stringify(value ?? null);
  return text.length <= MOST_CHARACTERS ? (value ?? null) : `${text.slice(0, MOST_CHARACTERS)}...`;
}

/**
 * Settings that are not what they were, by their places in the file, in order of name. Lists are one value. A secret that was exchanged for
 * another looks the same: nothing is kept of either.
 */
export function findSettingsChanges(
  before: ShownSettings,
  after: ShownSettings,
  path = "",
): readonly Pick<SettingsChange, "setting" | "before" | "after">[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    // Maps are named by operators: one of them may be called like what every object has.
    const [was, is] = [before, after].map((settings) => (Object.hasOwn(settings, name) ? settings[name] : undefined));
    const setting = path === "" ? name : `${path}.${name}`;
    if (isSection(was) && isSection(is)) return findSettingsChanges(was, is, setting);
    if (JSON.stringify(was ?? null) === JSON.stringify(is ?? null)) return [];
    return [{ setting, before: shown(was), after: shown(is) }];
  });
}
