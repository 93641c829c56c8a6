import { findJsonExcess, type JsonBounds } from "@vision/protocol";

/** A JSON value from a peer, or why there is none. */
export type ParsedJsonBytes = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

/** The JSON value of bytes from a peer, or why there is none. Invalid UTF-8 is refused, not replaced. */
export function parseJsonBytes(bytes: Uint8Array, bounds: JsonBounds = {}): ParsedJsonBytes {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, reason: "the body is not valid UTF-8" };
  }
  return parseJsonText(text, "the body", bounds);
}

/**
 * The JSON value of a text from a peer, or why there is none. What is nested deeper or holds more values than allowed is refused before
 * it is parsed, so that nothing after it can fail on a value that a peer made, and none costs more than its bounds.
 *
 * @param what - What the text is, for the reason, e.g. "an event".
 */
export function parseJsonText(text: string, what: string, bounds: JsonBounds = {}): ParsedJsonBytes {
  const excess = findJsonExcess(text, bounds);
  if (excess !== null) return { ok: false, reason: excess === "depth" ? `${what} is nested too deep` : `${what} holds too many values` };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, reason: `${what} is not valid JSON` };
  }
}
