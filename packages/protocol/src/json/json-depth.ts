import { protocolLimits } from "../limits.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * True when arrays and objects of a JSON text are nested deeper than the protocol allows. To be asked before `JSON.parse`: what was parsed
 * deep makes every recursive function after it, `JSON.stringify` among them, throw a RangeError in whoever meets it.
 *
 * One pass over the text, no recursion. The text need not be valid JSON.
 *
 * @param maxDepth - Levels allowed; `[]` has one.
 */
export function isJsonTooDeep(text: string, maxDepth: number = protocolLimits.jsonDepth): boolean {
  let depth = 0;
  let isString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isString) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) {
      isString = true;
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === 0x5d || code === 0x7d) {
      depth -= 1;
    }
  }
  return false;
}
