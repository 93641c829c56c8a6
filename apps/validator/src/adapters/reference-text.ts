import type { Answer, ClaimedToken, Task } from "@vision/protocol";
import { judgeText, type TextEvidence, type Verdict } from "@vision/scoring";
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
  readonly temperature: number;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly answer: TextAnswer;
  readonly signal: AbortSignal;
};

function zero(reason: string): Verdict {
  return { kind: "judged", qualityFraction: 0, reasons: [reason] };
}

/** The token that closed the answer is reported last, without bytes: it is no part of the text. */
function splitEnd({ tokens, finishReason }: TextAnswer): readonly ClaimedToken[] {
  const last = tokens.at(-1);
  const isEnd = finishReason === "stop" && last?.bytes !== null && last?.bytes.length === 0;
  return isEnd ? tokens.slice(0, -1) : tokens;
}

function decode(tokens: readonly ClaimedToken[]): string {
  return new TextDecoder().decode(Uint8Array.from(tokens.flatMap(({ bytes }) => [...(bytes ?? [])])));
}

function firstStop(text: string, stop: readonly string[]): number {
  const found = stop.map((sequence) => text.indexOf(sequence)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/**
 * Judges a text answer: its tokens are forced through the reference model in one pass.
 *
 * What the user reads must be what the tokens say, and nothing of the answer can make the pass fail: it is cut to the vocabulary and to
 * the context before. What is left to fail is the engine, and that rejects.
 */
export async function checkText(check: TextCheck, engine: ReferenceEngine): Promise<Verdict> {
  const { task, encoder, promptTokens, answer, stop } = check;
  const tokens = splitEnd(answer);
  const tokenLimit = Math.min(check.maxTokens, encoder.contextTokens - promptTokens.length);
  if (tokens.length > tokenLimit) return zero(`the answer has more than ${tokenLimit} tokens`);
  if (tokens.length === 0 && answer.text !== "") return zero("logprobs are missing");

  const ids = tokens.map(({ bytes }) => (bytes === null ? undefined : encoder.tokenizer.idOfBytes(Uint8Array.from(bytes))));
  if (ids.includes(undefined)) return zero("a returned token is not in the model's vocabulary");
  const outputTokens = ids.filter((id) => id !== undefined);
  const said = decode(tokens);
  const stopAt = firstStop(said, stop);
  const isEndedByStopSequence = answer.finishReason === "stop" && stopAt !== -1;
  if ((isEndedByStopSequence ? said.slice(0, stopAt) : said) !== answer.text) return zero("the text is not what its tokens say");
  if (firstStop(decode(tokens.slice(0, -1)), stop) !== -1) return zero("the answer goes on after a stop sequence");

  // An answer that fills its limit has no room for an end token, whatever it calls its end.
  const needsEnd = answer.finishReason === "stop" && !isEndedByStopSequence && tokens.length < tokenLimit;
  const endTokens = needsEnd ? encoder.endOfTextTokens : [null];
  let best: Verdict | null = null;
  // Which end token closed the answer is not on the wire: any that the model agrees with will do.
  for (const endToken of endTokens) {
    const forced = endToken === null ? outputTokens : [...outputTokens, endToken];
    const { temperature, seed, signal } = check;
    const scores =
      forced.length === 0 ? [] : await engine.score(check.model, { promptTokens, outputTokens: forced, temperature, seed, signal });
    const verdict = judgeText(
      {
        tokenScores: scores.slice(0, outputTokens.length),
        claimedLogprobs: tokens.map(({ logprob }) => logprob),
        endScore: endToken === null ? null : (scores[outputTokens.length] ?? null),
        finishReason: answer.finishReason === "stop" && !needsEnd && !isEndedByStopSequence ? "length" : answer.finishReason,
        isEndedByStopSequence,
        tokenLimit,
        temperature,
      } satisfies TextEvidence,
      task.check,
    );
    if (verdict.kind === "inconclusive" || verdict.qualityFraction === 1) return verdict;
    if (best?.kind !== "judged" || verdict.qualityFraction > best.qualityFraction) best = verdict;
  }
  return best ?? { kind: "inconclusive", reason: "the model has no end token" };
}
