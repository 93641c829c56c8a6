export type ParsedJsonBytes = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

/** The JSON value of bytes from a miner, or why there is none. Invalid UTF-8 is refused, not replaced. */
export function parseJsonBytes(bytes: Uint8Array): ParsedJsonBytes {
  try {
    return { ok: true, value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (error) {
    return { ok: false, reason: error instanceof SyntaxError ? "the body is not valid JSON" : "the body is not valid UTF-8" };
  }
}
