import { findDifferences } from "@vision/program";
import type { SettingsChange } from "./records/index.js";

/** Settings as JSON, secrets hidden. */
export type ShownSettings = Readonly<Record<string, unknown>>;

/** Values as they are told; texts longer than this are cut, so that no list of tasks fills the log. */
const MOST_CHARACTERS = 1_000;

function shown(value: unknown): unknown {
  const text = JSON.stringify(value ?? null);
  return text.length <= MOST_CHARACTERS ? (value ?? null) : `${text.slice(0, MOST_CHARACTERS)}...`;
}

const areSameJson = (one: unknown, other: unknown): boolean => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/**
 * Settings that are not what they were, by their places in the file, in order of name. Lists are one value. A secret that was exchanged for
 * another looks the same: nothing is kept of either.
 */
export function findSettingsChanges(
  before: ShownSettings,
  after: ShownSettings,
): readonly Pick<SettingsChange, "setting" | "before" | "after">[] {
  return findDifferences(before, after, areSameJson).map(({ setting, one, other }) => ({
    setting,
    before: shown(one),
    after: shown(other),
  }));
}
