/** The event that ends an OpenAI stream. */
export const DONE_EVENT = "data: [DONE]\n\n";

/** One server-sent event holding a JSON value. JSON has no raw line breaks, so one `data:` line is enough. */
export function encodeEvent(value: unknown): string {
  return encodeEventText(JSON.stringify(value));
}

/** One server-sent event holding JSON that is written already, on one line. */
export function encodeEventText(json: string): string {
  return `data: ${json}\n\n`;
}
