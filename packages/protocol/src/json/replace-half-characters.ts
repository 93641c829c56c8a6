/** A pair of surrogates, half of one, or any other escape; the last keeps `\\ud800`, which is a backslash and letters, out of the others. */
const ESCAPES = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[dD][89a-fA-F][\da-fA-F]{2}|.)/gs;

const HALF_LENGTH = String.raw`\ud83d`.length;

/**
 * JSON in which no escape stands for half a character, which clients send that cut a text within an emoji: U+FFFD stands there, as models
 * read it. Model servers answer such halves with an error, some as if it were their own, for which each miner asked would be to blame.
 */
export function replaceHalfCharacters(json: string): string {
  if (!/\\u[dD][89a-fA-F]/.test(json)) return json;
  return json.replace(ESCAPES, (found) => (found.length === HALF_LENGTH ? String.raw`\ufffd` : found));
}
