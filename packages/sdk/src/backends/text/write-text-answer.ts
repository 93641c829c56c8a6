import type { BackendPart } from "../inference-backend.js";
import type { GeneratedToken } from "./generated-token.js";
import { createStopFilter } from "./stop-filter.js";
import type { TextFormat, TextPart } from "./text-format.js";

/** What an answer says about itself. */
export type TextAnswerOptions = {
  readonly format: TextFormat;
  readonly id: string;
  /** Unix time, seconds. */
  readonly createdSeconds: number;
  readonly model: string;
  readonly promptTokens: number;
  readonly stop: readonly string[];
  readonly hasLogprobs: boolean;
  /** Whether a stream ends with an event that holds the usage; a body always holds it. */
  readonly hasUsage: boolean;
  readonly isStream: boolean;
};

/**
 * Parts of a text answer in OpenAI's shapes, made from an engine's tokens as they come.
 *
 * Every generated token is reported once, in order, the ending one included; text is cut at whole characters, so a token that ends in
 * the middle of one adds no text until the rest has come. The text of a stop sequence is left out, its tokens are not.
 * Consumption of the tokens ends with the answer: a generator's `return` runs in every case.
 */
export async function* writeTextAnswer(
  tokens: AsyncIterable<GeneratedToken>,
  options: TextAnswerOptions,
): AsyncGenerator<BackendPart, void> {
  if (options.isStream) yield* writeStream(tokens, options);
  else yield await writeBody(tokens, options);
}

async function* writeStream(tokens: AsyncIterable<GeneratedToken>, options: TextAnswerOptions): AsyncGenerator<BackendPart, void> {
  const { format } = options;
  const event = (choices: readonly unknown[], usage: unknown): BackendPart => ({
    kind: "event",
    data: JSON.stringify({
      ...head(options, format.streamObject),
      choices,
      ...(options.hasUsage ? { usage } : {}),
    }),
  });
  const opening = format.openingChoice();
  if (opening !== null) yield event([opening], null);
  let completionTokens = 0;
  for await (const part of assembleText(tokens, options.stop)) {
    completionTokens += part.tokens.length;
    yield event([format.deltaChoice(visible(part, options))], null);
  }
  if (options.hasUsage) yield event([], usageOf(options, completionTokens));
}

async function writeBody(tokens: AsyncIterable<GeneratedToken>, options: TextAnswerOptions): Promise<BackendPart> {
  const texts: string[] = [];
  const all: GeneratedToken[] = [];
  let finishReason: TextPart["finishReason"] = null;
  for await (const part of assembleText(tokens, options.stop)) {
    texts.push(part.text);
    all.push(...part.tokens);
    finishReason = part.finishReason ?? finishReason;
  }
  const whole = options.format.wholeChoice(visible({ text: texts.join(""), tokens: all, finishReason }, options));
  const body = { ...head(options, options.format.bodyObject), choices: [whole], usage: usageOf(options, all.length) };
  return { kind: "body", body: JSON.stringify(body) };
}

type AssembledPart = TextPart & { readonly tokens: readonly GeneratedToken[] };

/** One part for each token, then what was held back, then an empty part with the finish reason and the ending token, if there was one. */
async function* assembleText(tokens: AsyncIterable<GeneratedToken>, stop: readonly string[]): AsyncGenerator<AssembledPart, void> {
  const decoder = new TextDecoder("utf-8");
  const filter = createStopFilter(stop);
  let ending: GeneratedToken[] = [];
  let isStopped = false;
  for await (const token of tokens) {
    if (token.isEnd) {
      ending = [token];
      break;
    }
    const text = token.bytes === null ? token.text : decoder.decode(token.bytes, { stream: true });
    const shown = filter.push(text);
    yield { text: shown.text, tokens: [token], finishReason: null };
    isStopped = shown.isStopped;
    if (isStopped) break;
  }
  if (!isStopped) {
    const last = filter.push(decoder.decode());
    const rest = last.text + filter.flush();
    if (rest !== "") yield { text: rest, tokens: [], finishReason: null };
    isStopped = last.isStopped;
  }
  yield { text: "", tokens: ending, finishReason: isStopped || ending.length > 0 ? "stop" : "length" };
}

function visible(part: AssembledPart, options: TextAnswerOptions): TextPart {
  return options.hasLogprobs ? part : { ...part, tokens: null };
}

function head(options: TextAnswerOptions, object: string) {
  return { id: options.id, object, created: options.createdSeconds, model: options.model };
}

function usageOf(options: TextAnswerOptions, completionTokens: number) {
  return {
    prompt_tokens: options.promptTokens,
    completion_tokens: completionTokens,
    total_tokens: options.promptTokens + completionTokens,
  };
}
