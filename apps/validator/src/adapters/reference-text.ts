import type { Answer, ClaimedToken, SamplerName, SamplingRules, Task } from "@vision/protocol";
import { judgeText, type Verdict } from "@vision/scoring";
import type { PromptEncoder, TinyModelName } from "@vision/tiny";
import type { ReferenceEngine } from "./reference-engine.js";

type TextAnswer = Extract<Answer, { readonly kind: "text" }>;

/** A text answer, ready to be judged. */
export type TextCheck = {
  readonly task: Task;
  readonly model: TinyModelName;
  readonly encoder: PromptEncoder;
  readonly promptTokens: readonly number[];
  readonly maxTokens: number;
  readonly sampler: SamplerName;
  readonly rules: SamplingRules;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly answer: TextAnswer;
  readonly signal: AbortSignal;
};

function zero(reason: string): Verdict {
  return { kind: "judged", qualityFraction: 0, reasons: [reason] };
}

/** What a claimed token is in the vocabulary: by its id, by its bytes, or by its name where a special token is given that for bytes. */
function idOf({ id, bytes, text }: ClaimedToken, { tokenizer }: PromptEncoder): number | null {
  if (id !== undefined) return Number.isInteger(id) && id >= 0 && id < tokenizer.vocabularySize ? id : null;
  const byBytes = bytes === null || bytes.length === 0 ? undefined : tokenizer.idOfBytes(Uint8Array.from(bytes));
  return byBytes ?? tokenizer.specialTokenId(text) ?? null;
}

/**
 * Ids of the tokens. A server without ids gives a character's bytes to the last of the tokens that make it up and none to the others (vLLM:
 * an emoji of three tokens as two without bytes and one with four); the model's own tokens of the character then stand for them, where
 * they are as many.
 */
function withSplitCharacters(tokens: readonly ClaimedToken[], encoder: PromptEncoder): readonly (number | null)[] {
  const ids = tokens.map((token) => idOf(token, encoder));
  let first = 0;
  for (const [index, token] of tokens.entries()) {
    const isSilent = token.id === undefined && ids[index] === null && (token.bytes === null || token.bytes.length === 0);
    if (isSilent) continue;
    if (first < index && token.id === undefined && token.bytes !== null) {
      const whole = encoder.tokenizer.encode(new TextDecoder().decode(Uint8Array.from(token.bytes)));
      if (whole.length === index - first + 1) for (const [offset, id] of whole.entries()) ids[first + offset] = id;
    }
    first = index + 1;
  }
  return ids;
}

/** Returned tokens by id, and the end token apart where it is listed: by id or name, with or without text. */
type ReadTokens = {
  readonly tokens: readonly ClaimedToken[];
  readonly ids: readonly (number | null)[];
  /** The end token; `undefined` where none is listed, `null` where one is listed and does not say which. */
  readonly endId: number | null | undefined;
};

function readTokens({ tokens, finishReason }: TextAnswer, encoder: PromptEncoder): ReadTokens {
  const ids = withSplitCharacters(tokens, encoder);
  const last = tokens.at(-1);
  const lastId = ids.at(-1) ?? null;
  const isNamed = lastId !== null && encoder.endOfTextTokens.includes(lastId);
  const isEnd = finishReason === "stop" && last !== undefined && (isNamed || last.bytes?.length === 0);
  if (!isEnd) return { tokens, ids, endId: undefined };
  return { tokens: tokens.slice(0, -1), ids: ids.slice(0, -1), endId: isNamed ? lastId : null };
}

function firstStop(text: string, stop: readonly string[]): number {
  const found = stop.map((sequence) => text.indexOf(sequence)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** A character that an end cut in the middle: engines drop its first bytes, or show that something is missing. */
const withoutCutCharacter = (text: string) => text.replace(/\uFFFD{1,3}$/, "");

/** Ways in which the answer may have ended that its tokens do not show, each as the tokens that would have come next. */
function endingsOf(check: TextCheck, endId: number | null | undefined): readonly (readonly number[])[] {
  const { encoder, stop } = check;
  if (typeof endId === "number") return [[endId]];
  const ends = encoder.endOfTextTokens.map((id) => [id]);
  if (endId === null) return ends;
  // llama.cpp leaves out the tokens of the stop sequence that it stopped at.
  return [...ends, ...stop.map((sequence) => encoder.tokenizer.encode(sequence)).filter((ids) => ids.length > 0)];
}

/**
 * Judges a text answer: its tokens are forced through the reference model in one pass.
 *
 * What the user reads must be what the tokens say, and nothing of the answer can make the pass fail: it is cut to the vocabulary and to
 * the context before. What is left to fail is the engine, and that rejects.
 */
export async function checkText(check: TextCheck, engine: ReferenceEngine): Promise<Verdict> {
  const { task, encoder, promptTokens, answer, stop } = check;
  const told = answer.promptTokenIds;
  if (told !== undefined && !isSamePrompt(told, promptTokens)) return zero("the engine read another prompt than the one that was sent");
  const { tokens, ids, endId } = readTokens(answer, encoder);
  const tokenLimit = Math.min(check.maxTokens, encoder.contextTokens - promptTokens.length);
  if (tokens.length > tokenLimit) return zero(`the answer has more than ${tokenLimit} tokens`);
  if (tokens.length === 0 && answer.text !== "") return zero("logprobs are missing");
  if (ids.includes(null)) return zero("a returned token is not in the model's vocabulary");
  const outputTokens = ids.filter((id) => id !== null);
  const said = encoder.tokenizer.decode(outputTokens);
  const stopAt = firstStop(said, stop);
  const isEndedByStopSequence = answer.finishReason === "stop" && endId === undefined && stopAt !== -1;
  const shown = isEndedByStopSequence ? said.slice(0, stopAt) : said;
  if (withoutCutCharacter(shown) !== withoutCutCharacter(answer.text)) return zero("the text is not what its tokens say");
  if (firstStop(encoder.tokenizer.decode(outputTokens.slice(0, -1)), stop) !== -1) return zero("the answer goes on after a stop sequence");
  const stopTokens = isEndedByStopSequence ? countStopTokens(outputTokens, stopAt, encoder) : 0;
  // An answer that fills its limit has no room for an end token, whatever it calls its end.
  const needsEnd = answer.finishReason === "stop" && !isEndedByStopSequence && tokens.length < tokenLimit;
  let best: Verdict | null = null;
  for (const ending of needsEnd ? endingsOf(check, endId) : [[]]) {
    const room = encoder.contextTokens - promptTokens.length - outputTokens.length;
    const forced = [...outputTokens, ...ending.slice(0, room)];
    const { sampler, rules, seed, signal } = check;
    const scores = forced.length === 0 ? [] : await engine.score(check.model, { promptTokens, outputTokens: forced, signal });
    const verdict = judgeText(
      {
        positions: scores.slice(0, outputTokens.length),
        endPositions: scores.slice(outputTokens.length),
        endTokenIds: encoder.endOfTextTokens,
        claimedLogprobs: tokens.map(({ logprob }) => logprob),
        finishReason: answer.finishReason === "stop" && !needsEnd && !isEndedByStopSequence ? "length" : answer.finishReason,
        ...{ promptTokens, stopTokens, tokenLimit, sampler, rules, seed },
      },
      task.check,
    );
    if (verdict.kind === "inconclusive" || verdict.qualityFraction === 1) return verdict;
    if (best?.kind !== "judged" || verdict.qualityFraction > best.qualityFraction) best = verdict;
  }
  return best ?? { kind: "inconclusive", reason: "the model has no end token" };
}

function isSamePrompt(told: readonly number[], promptTokens: readonly number[]): boolean {
  return told.length === promptTokens.length && told.every((id, index) => id === promptTokens[index]);
}

/** How many of the last tokens reach into the stop sequence. */
function countStopTokens(outputTokens: readonly number[], stopAt: number, encoder: PromptEncoder): number {
  let count = 1;
  while (count < outputTokens.length && encoder.tokenizer.decode(outputTokens.slice(0, -count)).length > stopAt) count += 1;
  return count;
}
