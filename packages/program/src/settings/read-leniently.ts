import { z } from "zod";
import { chosenOption, isRecord, partsOf, unwrap } from "./schema-parts.js";

/** As much of a value as could be read: what is missing or wrong in it is undefined. */
export type Seen<Value> = Value extends readonly unknown[] | ReadonlyMap<unknown, unknown>
  ? Value
  : Value extends object
    ? { readonly [Name in keyof Value]?: Seen<Value[Name]> | undefined }
    : Value;

/** Reads what is right in a value and leaves out what is not, so that checks across settings need not wait for the last typing mistake. */
export function readLeniently<Output>(schema: z.core.$ZodType<Output>, value: unknown): Seen<Output> | undefined {
  const whole = z.core.safeParse(schema, value);
  if (whole.success) return whole.data as Seen<Output>;
  // Half of what a transform needs makes nothing.
  if (unwrap(schema).isTransformed) return undefined;
  return readParts(schema, value) as Seen<Output> | undefined;
}

function readParts(schema: z.core.$ZodType, value: unknown): unknown {
  const parts = partsOf(schema);
  if (parts.kind === "object") {
    const given = isRecord(value) ? value : {};
    return readEach(Object.entries(parts.shape).map(([name, below]) => [name, below, given[name]]));
  }
  if (!isRecord(value)) return undefined;
  if (parts.kind === "map") return readEach(Object.entries(value).map(([name, item]) => [name, parts.value, item]));
  const option = parts.kind === "choice" ? chosenOption(parts, value) : undefined;
  return option === undefined ? undefined : readLeniently(option, value);
}

function readEach(entries: readonly (readonly [name: string, schema: z.core.$ZodType, value: unknown])[]): unknown {
  return Object.fromEntries(entries.map(([name, schema, value]) => [name, readLeniently(schema, value)]));
}
