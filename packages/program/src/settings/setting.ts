import { z } from "zod";

/** What is said of a setting beside its schema. */
export type SettingWords = {
  /** What it is for, one sentence. */
  readonly description: string;
  /** What to write where it is missing. */
  readonly example?: string;
  /** What holds when nothing is given, where the schema's own default depends on the machine or is found later; Markdown. */
  readonly defaultText?: string;
  /** Hidden wherever settings are printed. */
  readonly isSecret?: boolean;
  /** A file or folder. A relative one counts from the config file's folder, or from the working directory when it comes from outside the file. */
  readonly isPath?: boolean;
  /** Another environment variable that is read when the setting's own is not there. */
  readonly alsoVariable?: string;
  /** Places in the file where it was before, `section.name`; each with the variable and the flag that go with it. */
  readonly formerly?: readonly string[];
  /** Flags that it had before beside those of {@link SettingWords.formerly}, without dashes; each with its variable. */
  readonly formerFlags?: readonly string[];
};

const registry = z.registry<SettingWords>();

/** The schema as a setting: with its words. Goes around everything else, such as `optional` and `default`. */
export function setting<Schema extends z.ZodType>(schema: Schema, words: SettingWords): Schema {
  const own = schema.clone();
  registry.add(own, words);
  return own;
}

/** What was said of a setting; undefined for a schema that is none. */
export function wordsOf(schema: z.core.$ZodType): SettingWords | undefined {
  return registry.get(schema);
}
