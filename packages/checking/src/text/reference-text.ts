import type { Answer, ClaimedToken, SamplerName, SamplingRules, Task } from "@vision/protocol";
import { judgedWorthless, judgeText, type Verdict } from "@vision/scoring";
import type { ModelFacts, ReferenceModel } from "../reference-model.js";

type TextAnswer = Extract<Answer, { readonly kind: "text" }>;

/** A text answer, ready to be judged. */
export type TextCheck = {
  readonly task: Task;
  readonly facts: ModelFacts;
  readonly promptTokens: readonly number[];
  readonly maxTokens: number;
  readonly sampler: SamplerName;
  readonly rules: SamplingRules;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly answer: TextAnswer;
  readonly signal: AbortSignal;
};

const noScores = { kind: "scored", positions: [] } as const;

/**
 * Ids of the tokens. A server without ids gives a character's bytes to the last of the tokens that make it up and none to the others (vLLM:
 * an emoji of three tokens as two without bytes and one with four); the model's own tokens of the character then stand for them, where
 * they are as many.
 */
async function withSplitCharacters(
  tokens: readonly ClaimedToken[],
  model: ReferenceModel,
  signal: AbortSignal,
): Promise<readonly (number | null)[]> {
  const ids = [...(await model.idsOf(tokens, signal))];
  let first = 0;
  for (const [index, token] of tokens.entries()) {
    const isSilent = token.id === undefined && ids[index] === null && (token.bytes === null || token.bytes.length === 0);
    if (isSilent) continue;
    if (first < index && token.id === undefined && token.bytes !== null) {
      const whole = await model.encode(new TextDecoder().decode(Uint8Array.from(token.bytes)), signal);
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

async function readTokens({ answer, facts, signal }: TextCheck, model: ReferenceModel): Promise<ReadTokens> {
  const { tokens, finishReason } = answer;
  const ids = await withSplitCharacters(tokens, model, signal);
  const last = tokens.at(-1);
  const lastId = ids.at(-1) ?? null;
  const isNamed = lastId !== null && facts.endTokens.includes(lastId);
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
async function endingsOf(
  { facts, stop, signal }: TextCheck,
  endId: number | null | undefined,
  model: ReferenceModel,
): Promise<readonly (readonly number[])[]> {
  if (typeof endId === "number") return [[endId]];
  const ends = facts.endTokens.map((id) => [id]);
  if (endId === null) return ends;
  // llama.cpp leaves out the tokens of the stop sequence that it stopped at.
  const sequences = await Promise.all(stop.map((sequence) => model.encode(sequence, signal)));
  return [...ends, ...sequences.filter((ids) => ids.length > 0)];
}

/**
 * Judges a text answer: its tokens are forced through a reference model in one pass.
 *
 * What the user reads must be what the tokens say, and nothing of the answer can make the pass fail: it is cut to the vocabulary and to
 * the context before. What is left to fail is the engine, and that rejects.
 */
export async function checkText(check: TextCheck, model: ReferenceModel): Promise<Verdict> {
  const { task, facts, promptTokens, answer, stop, signal } = check;
  const told = answer.promptTokenIds;
  if (told !== undefined && !isSamePrompt(told, promptTokens))
    return judgedWorthless("otherPrompt", "the engine read another prompt than the one that was sent");
  const { tokens, ids, endId } = await readTokens(check, model);
  // An engine may have the task's context or the reference's: whatever fits one of them is no fault.
  const [leastContext, mostContext] = [facts.contextTokens, task.contextTokens ?? facts.contextTokens].sort((a, b) => a - b);
  const limitFor = (contextTokens: number) => Math.min(check.maxTokens, contextTokens - promptTokens.length);
  const tokenLimit = Math.min(Math.max(tokens.length, limitFor(leastContext ?? 0)), limitFor(mostContext ?? 0));
  if (tokens.length > tokenLimit) return judgedWorthless("tooLong", `the answer has more than ${tokenLimit} tokens`);
  if (tokens.length === 0 && answer.text !== "") return judgedWorthless("noLogprobs", "logprobs are missing");
  if (ids.includes(null)) return judgedWorthless("unknownToken", "a returned token is not in the model's vocabulary");
  const outputTokens = ids.filter((id) => id !== null);
  const room = facts.contextTokens - promptTokens.length - outputTokens.length;
  if (room < 0) return { kind: "inconclusive", reason: "the answer is longer than the reference's context" };
  const said = await model.decode(outputTokens, signal);
  const stopAt = firstStop(said, stop);
  const isEndedByStopSequence = answer.finishReason === "stop" && endId === undefined && stopAt !== -1;
  const shown = isEndedByStopSequence ? said.slice(0, stopAt) : said;
  if (withoutCutCharacter(shown) !== withoutCutCharacter(answer.text))
    return judgedWorthless("otherText", "the text is not what its tokens say");
  const isStoppedLate = stopAt !== -1 && firstStop(await model.decode(outputTokens.slice(0, -1), signal), stop) !== -1;
  if (isStoppedLate) return judgedWorthless("pastStop", "the answer goes on after a stop sequence");
  const stopTokens = isEndedByStopSequence ? await countStopTokens(outputTokens, stopAt, (ids) => model.decode(ids, signal)) : 0;
  // An answer that fills its limit has no room for an end token, whatever it calls its end.
  const needsEnd = answer.finishReason === "stop" && !isEndedByStopSequence && tokens.length < tokenLimit;
  let best: Verdict | null = null;
  for (const ending of needsEnd ? await endingsOf(check, endId, model) : [[]]) {
    const forced = [...outputTokens, ...ending.slice(0, room)];
    const { sampler, rules, seed } = check;
    const scored = forced.length === 0 ? noScores : await model.score({ promptTokens, outputTokens: forced }, signal);
    if (scored.kind === "unusable") return { kind: "inconclusive", reason: scored.reason };
    const scores = scored.positions;
    const verdict = judgeText(
      {
        positions: scores.slice(0, outputTokens.length),
        endPositions: scores.slice(outputTokens.length),
        endTokenIds: facts.endTokens,
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
async function countStopTokens(
  outputTokens: readonly number[],
  stopAt: number,
  decode: (tokenIds: readonly number[]) => Promise<string>,
): Promise<number> {
  let count = 1;
  while (count < outputTokens.length && (await decode(outputTokens.slice(0, -count))).length > stopAt) count += 1;
  return count;
}
