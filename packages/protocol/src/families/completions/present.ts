import type { AnswerPart, ClaimedToken, FinishReason } from "../answer.js";
import type { AnswerIdentity, AnswerPresenter } from "../family.js";
import { eventHead, presentFinishReason, presentUsage } from "../text/present-fields.js";
import { type PartOf, shownTokens } from "../text/shown-tokens.js";
import type { CompletionRequest } from "./request.js";

/** Logprobs of the pieces of a stream as one. Offsets are counted anew: a piece counts from its own start. */
function createLogprobs(isStream: boolean) {
  const tokens: string[] = [];
  const tokenLogprobs: (number | null)[] = [];
  const topLogprobs: (Readonly<Record<string, number | null>> | null)[] = [];
  const offsets: number[] = [];
  let offset = 0;
  const toRecord = (alternatives: readonly ClaimedToken[]) =>
    alternatives.length === 0 ? null : Object.fromEntries(alternatives.map(({ text, logprob }) => [text, logprob]));
  const view = () => ({
    tokens: [...tokens],
    token_logprobs: [...tokenLogprobs],
    top_logprobs: topLogprobs.some((entry) => entry !== null) ? [...topLogprobs] : null,
    text_offset: [...offsets],
  });
  return {
    /** The logprobs of one piece, null when it lists none. */
    add(part: PartOf<"tokens"> | null, text: string): unknown {
      const shown = part === null ? null : shownTokens(part, text);
      if (shown === null || shown.tokens.length === 0) return null;
      if (isStream) for (const list of [tokens, tokenLogprobs, topLogprobs, offsets]) list.length = 0;
      for (const [index, token] of shown.tokens.entries()) {
        tokens.push(token.text);
        tokenLogprobs.push(token.logprob);
        topLogprobs.push(toRecord(shown.alternatives?.[index] ?? []));
        offsets.push(offset);
        offset += token.text.length;
      }
      return isStream ? view() : null;
    },
    all: view,
  };
}

function gather(parts: readonly AnswerPart[]) {
  let text: string | null = null;
  let tokens: PartOf<"tokens"> | null = null;
  let finishReason: FinishReason | null = null;
  for (const part of parts) {
    if (part.kind === "text") text = (text ?? "") + part.text;
    else if (part.kind === "tokens") tokens = part;
    else if (part.kind === "finishReason") finishReason = part.reason;
  }
  return { text, tokens, finishReason };
}

/** A plain completion in OpenAI's shape. */
export function createCompletionPresenter(identity: AnswerIdentity<CompletionRequest>): AnswerPresenter {
  const { id, createdSeconds, model, choiceIndex, request } = identity;
  const areLogprobsAsked = typeof request.logprobs === "number";
  const areAlternativesAsked = (request.logprobs ?? 0) > 0;
  const isUsageAsked = request.stream_options?.include_usage === true;
  const object = { id, object: "text_completion", created: createdSeconds, model };
  const head = `${eventHead(object)}{"text":`;
  const tail = isUsageAsked ? '}],"usage":null}' : "}]}";
  const logprobs = createLogprobs(request.stream === true);

  return {
    areTokensShown: areLogprobsAsked,
    addParts(parts) {
      const { text, tokens, finishReason } = gather(parts);
      if (text === null && tokens === null && finishReason === null) return null;
      const listed = tokens === null || areAlternativesAsked ? tokens : { ...tokens, alternatives: null };
      const added = areLogprobsAsked ? logprobs.add(listed, text ?? "") : null;
      const finish = finishReason === null ? "null" : `"${presentFinishReason(finishReason)}"`;
      return {
        json: `${head}${JSON.stringify(text ?? "")},"index":${choiceIndex},"logprobs":${JSON.stringify(added)},"finish_reason":${finish}${tail}`,
        hasContent: text !== null && text !== "",
      };
    },
    usageEvent: (usage) => (isUsageAsked ? JSON.stringify({ ...object, choices: [], usage: presentUsage(usage) }) : null),
    choice(answer) {
      if (answer.kind !== "text") throw new TypeError("a completion is text");
      return {
        text: answer.text,
        index: choiceIndex,
        logprobs: areLogprobsAsked ? logprobs.all() : null,
        finish_reason: presentFinishReason(answer.finishReason),
      };
    },
    body: (choices, usage) => ({ ...object, choices, usage: presentUsage(usage) }),
  };
}
