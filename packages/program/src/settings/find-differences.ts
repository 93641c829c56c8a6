import { isDeepStrictEqual } from "node:util";

/** A setting that two configurations have not alike; `undefined` where one has it not. */
export type SettingDifference = { readonly setting: string; readonly one: unknown; readonly other: unknown };

type Section = Readonly<Record<string, unknown>>;

function isSection(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * What differs between two configurations, by its place as in `tasks.chat-tiny.capacityPerHour`, in order of name; as deep as both have
 * something there. Lists are one value.
 *
 * @param areSame - Compares two values, of which not both are sections.
 */
export function findDifferences(
  one: Section,
  other: Section,
  areSame: (one: unknown, other: unknown) => boolean = isDeepStrictEqual,
  path = "",
): readonly SettingDifference[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return names.flatMap((name) => {
    // Maps are named by operators: one of them may be called like what every object has.
    const [ofOne, ofOther] = [one, other].map((section) => (Object.hasOwn(section, name) ? section[name] : undefined));
    const setting = path === "" ? name : `${path}.${name}`;
    if (isSection(ofOne) && isSection(ofOther)) return findDifferences(ofOne, ofOther, areSame, setting);
    return areSame(ofOne, ofOther) ? [] : [{ setting, one: ofOne, other: ofOther }];
  });
}
