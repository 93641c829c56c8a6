import { type Capture, fieldsOf } from "../capture.js";
import type { FeatureRow } from "./table.js";

/** Which fields a request has beside what is said, in which place, and their values as far as they are numbers or lists. */
export function readFields(captures: readonly Capture[]): readonly FeatureRow[] {
  return captures.map((capture) => {
    const row: Record<string, number> = {};
    for (const [place, [name, value]] of Object.entries(fieldsOf(capture)).entries()) {
      row[`place of ${name}`] = place + 1;
      if (name === "messages" || name === "prompt" || name === "model") continue;
      row[`has ${name}`] = 1;
      if (typeof value === "number") {
        row[`value of ${name}`] = value;
        row[`${name} is a multiple of 50`] = Number(value % 50 === 0);
        row[`${name} is a power of 2`] = Number(Number.isInteger(Math.log2(value)));
      }
      if (typeof value === "boolean") row[`value of ${name}`] = Number(value);
      if (Array.isArray(value)) row[`length of ${name}`] = value.length;
    }
    return row;
  });
}
