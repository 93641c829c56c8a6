import { isJsonTooDeep } from "@vision/protocol";

/** A body's JSON value, or why there is none. */
export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

/** The JSON value of a body, or why it is none. Invalid UTF-8 is refused, not replaced. */
export function parseJsonBody(body: Uint8Array): ParsedJson {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return { ok: false, reason: "The body is not valid UTF-8." };
  }
  if (isJsonTooDeep(text)) return { ok: false, reason: "The body is nested too deep." };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, reason: "The body is not valid JSON." };
  }
}
