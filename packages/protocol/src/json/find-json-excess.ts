import { protocolLimits } from "../limits.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

/** What a JSON text may hold. */
export type JsonBounds = {
  /** Levels of arrays and objects; `[]` has one. Default: the protocol's. */
  readonly depth?: number;
  /** Pieces: every value, and every name of a field. Default: the protocol's. */
  readonly values?: number;
  /** Whether names of fields are pieces too. Default true. */
  readonly areNamesCounted?: boolean;
};

/** What of a JSON text is out of bounds: nested too deep, or of too many values. */
export type JsonExcess = "depth" | "values";

/**
 * What of a JSON text is more than its bounds, null when nothing is. To be asked before `JSON.parse`: what was parsed deep makes every
 * recursive function after it, `JSON.stringify` among them, throw a RangeError in whoever meets it, and a million fields stop a process
 * for seconds.
 *
 * One pass over the text up to the first excess, no recursion, no allocation. The text need not be valid JSON.
 */
export function findJsonExcess(text: string, bounds: JsonBounds = {}): JsonExcess | null {
  const { depth: mostDepth = protocolLimits.jsonDepth, values: mostValues = protocolLimits.jsonValues } = bounds;
  const { areNamesCounted = true } = bounds;
  let depth = 0;
  let values = 1;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index += 1;
      for (; index < text.length; index += 1) {
        const inside = text.charCodeAt(index);
        if (inside === BACKSLASH) index += 1;
        else if (inside === QUOTE) break;
      }
    } else if (code === COMMA || (code === COLON && areNamesCounted)) {
      values += 1;
      if (values > mostValues) return "values";
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      values += 1;
      if (depth > mostDepth) return "depth";
      if (values > mostValues) return "values";
    } else if (code === 0x5d || code === 0x7d) {
      depth -= 1;
    }
  }
  return null;
}

/** True when arrays and objects of a JSON text are nested deeper than allowed; see {@link findJsonExcess}. */
export function isJsonTooDeep(text: string, maxDepth: number = protocolLimits.jsonDepth): boolean {
  return findJsonExcess(text, { depth: maxDepth, values: Number.POSITIVE_INFINITY }) === "depth";
}
