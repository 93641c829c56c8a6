import { invalidModel } from "../tiny-error.js";
import type { Gguf, GgufValue } from "./parse-gguf.js";

function required(gguf: Gguf, key: string): GgufValue {
  const value = gguf.metadata.get(key);
  if (value === undefined) throw invalidModel(`The model file lacks ${key}.`, { key });
  return value;
}

/** A whole number of the metadata between `min` and `max`. Throws `TINY_INVALID_MODEL` when it is missing or out of range. */
export function integerOf(gguf: Gguf, key: string, range: { readonly min: number; readonly max: number }): number {
  const value = required(gguf, key);
  if (typeof value !== "number" || !Number.isInteger(value) || value < range.min || value > range.max) {
    throw invalidModel(`${key} of the model file must be a whole number from ${range.min} to ${range.max}.`, { key, value });
  }
  return value;
}

/** A finite number above 0 of the metadata. Throws `TINY_INVALID_MODEL` when it is missing or something else. */
export function positiveNumberOf(gguf: Gguf, key: string): number {
  const value = required(gguf, key);
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
    throw invalidModel(`${key} of the model file must be above 0.`, { key, value });
  return value;
}

/** A text of the metadata. Throws `TINY_INVALID_MODEL` when it is missing or something else. */
export function textOf(gguf: Gguf, key: string): string {
  const value = required(gguf, key);
  if (typeof value !== "string") throw invalidModel(`${key} of the model file must be a text.`, { key });
  return value;
}

/** A list of texts of the metadata. Throws `TINY_INVALID_MODEL` when it is missing or something else. */
export function textsOf(gguf: Gguf, key: string): readonly string[] {
  const value = required(gguf, key);
  if (!Array.isArray(value)) throw invalidModel(`${key} of the model file must be a list of texts.`, { key });
  return value.map((element: unknown) => {
    if (typeof element !== "string") throw invalidModel(`${key} of the model file must be a list of texts.`, { key });
    return element;
  });
}

/** A list of numbers of the metadata. Throws `TINY_INVALID_MODEL` when it is missing or something else. */
export function numbersOf(gguf: Gguf, key: string): readonly number[] {
  const value = required(gguf, key);
  if (!Array.isArray(value)) throw invalidModel(`${key} of the model file must be a list of numbers.`, { key });
  return value.map((element: unknown) => {
    if (typeof element !== "number") throw invalidModel(`${key} of the model file must be a list of numbers.`, { key });
    return element;
  });
}
