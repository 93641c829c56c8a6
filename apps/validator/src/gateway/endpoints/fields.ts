/** An object of JSON whose fields nobody has looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object of JSON. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a field says something: null is the same as absent. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
