import type { z } from "zod";
import { chosenOption, isRecord, partsOf } from "./schema-parts.js";
import { type SettingWords, wordsOf } from "./setting.js";

/** What {@link mapSettings} changes, and how. */
export type SettingChange = { isMeant(words: SettingWords): boolean; change(value: unknown): unknown };

/** A value with some of its settings changed, at any depth. What does not fit the schema is left as it is. */
export function mapSettings(schema: z.core.$ZodType, value: unknown, change: SettingChange): unknown {
  const words = wordsOf(schema);
  if (words !== undefined && change.isMeant(words)) return change.change(value);
  const parts = partsOf(schema);
  if (parts.kind === "list" && Array.isArray(value)) return value.map((item) => mapSettings(parts.element, item, change));
  if (!isRecord(value)) return value;
  if (parts.kind === "choice") {
    const option = chosenOption(parts, value);
    return option === undefined ? value : mapSettings(option, value, change);
  }
  const schemaOf = (name: string) => (parts.kind === "map" ? parts.value : parts.kind === "object" ? parts.shape[name] : undefined);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const below = schemaOf(name);
      return [name, below === undefined ? item : mapSettings(below, item, change)];
    }),
  );
}
