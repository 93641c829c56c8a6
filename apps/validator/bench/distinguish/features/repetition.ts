import { type Capture, fieldsOf, messagesOf } from "../capture.js";
import type { FeatureRow } from "./table.js";

/** How much of a request this miner has seen before, going by arrival. The captures must be in that order. */
export function readRepetition(captures: readonly Capture[]): readonly FeatureRow[] {
  const seen = new Map<string, number>();
  const own = new Set<string>();
  const count = (what: string, text: string) => {
    const key = `${what} ${text}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before;
  };
  return captures.map((capture) => {
    const messages = messagesOf(capture);
    const replies = messages.filter(({ role }) => role === "assistant");
    const ownReplies = replies.filter(({ text }) => own.has(text)).length;
    own.add(capture.answer);
    const { seed: _seed, ...fields } = fieldsOf(capture);
    const said = messages.map(({ role, text }) => `${role}: ${text}`);
    const system = messages.find(({ role }) => role === "system")?.text;
    const last = messages.at(-1)?.text ?? "";
    // How far back an earlier request was the beginning of this one: a conversation that grew.
    let grown = 0;
    for (let length = said.length - 1; length >= 1; length -= 1) {
      if (seen.has(`conversation ${said.slice(0, length).join("\n")}`)) {
        grown = length;
        break;
      }
    }
    return {
      "the same body before": count("body", JSON.stringify(fields)),
      "the same words before": count("conversation", said.join("\n")),
      "the same last message before": count("last", last),
      "the same beginning before": count("beginning", last.slice(0, 40)),
      "the same system text before": system === undefined ? 0 : count("system", system),
      "messages of a conversation that grew": grown,
      "share of a conversation that grew": grown / said.length,
      "own answers in it": ownReplies,
      "answers of others in it": replies.length - ownReplies,
    };
  });
}
