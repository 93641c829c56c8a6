import { type Capture, messagesOf } from "../capture.js";
import type { FeatureRow } from "./table.js";

/** How a request's text looks, whatever its words: lengths, signs, lines, turns. */
export function readShape(captures: readonly Capture[]): readonly FeatureRow[] {
  return captures.map((capture) => {
    const messages = messagesOf(capture);
    const system = messages.find(({ role }) => role === "system")?.text ?? "";
    const last = messages.findLast(({ role }) => role === "user")?.text ?? "";
    return {
      "bytes of the body": Buffer.byteLength(capture.body),
      messages: messages.length,
      "characters of the system text": system.length,
      ...shapeOf("last", last),
      ...shapeOf("all", messages.map(({ text }) => text).join("\n")),
    };
  });
}

function shapeOf(what: string, text: string): Readonly<Record<string, number>> {
  const length = Math.max(1, text.length);
  const share = (pattern: RegExp) => (text.match(pattern)?.length ?? 0) / length;
  const words = text.split(/\s+/).filter((word) => word !== "");
  return {
    [`${what}: characters`]: text.length,
    [`${what}: letters of a word`]: words.reduce((sum, word) => sum + word.length, 0) / Math.max(1, words.length),
    [`${what}: different words`]: new Set(words).size / Math.max(1, words.length),
    [`${what}: lines`]: text.split("\n").length,
    [`${what}: capitals`]: share(/\p{Lu}/gu),
    [`${what}: digits`]: share(/\d/g),
    [`${what}: signs`]: share(/[^\p{L}\p{N}\s]/gu),
    [`${what}: beyond ASCII`]: share(/[^ -~\s]/g),
    [`${what}: code`]: share(/[{}()[\];=<>`]/g),
    [`${what}: sentences`]: text.match(/[.!?](\s|$)/g)?.length ?? 0,
    [`${what}: ends with a question mark`]: Number(/\?\s*$/.test(text)),
    [`${what}: ends without a stop`]: Number(/[\p{L}\p{N}]\s*$/u.test(text)),
    [`${what}: begins with a capital`]: Number(/^\p{Lu}/u.test(text)),
  };
}
