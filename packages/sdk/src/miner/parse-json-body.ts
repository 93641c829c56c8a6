import { type ParsedJsonBytes, parseJsonBytes } from "../runtime/parse-json.js";

/** The JSON value of a validator's body, or a sentence for it that says why there is none. Invalid UTF-8 is refused, not replaced. */
export function parseJsonBody(body: Uint8Array): ParsedJsonBytes {
  const parsed = parseJsonBytes(body);
  return parsed.ok ? parsed : { ok: false, reason: `${parsed.reason.charAt(0).toUpperCase()}${parsed.reason.slice(1)}.` };
}
