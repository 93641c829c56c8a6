import type { ReferenceModel } from "@vision/checking";
import { readTextRequest } from "@vision/checking";
import { type Answer, getFamily, type RequestBody, type Task } from "@vision/protocol";
import { createBackendCall, type InferenceBackend } from "@vision/sdk/backends";

/** The text of an answer with its tokens, as a validator reads it off the wire. */
export type TextAnswer = Extract<Answer, { readonly kind: "text" }>;

/** Answers a request; null where it has no answer. */
export type AnswerRequest = (request: RequestBody) => Promise<TextAnswer | null>;

/** Somebody who serves a model, honestly or not. */
export type Player = { readonly name: string; readonly isHonest: boolean; readonly answer: AnswerRequest };

/** What a backend answers, read as a validator reads it. */
export function askBackend(backend: InferenceBackend, task: Task): AnswerRequest {
  const family = getFamily(task.family);
  return async (request) => {
    const parsed = family.requestSchema.parse({ ...request, model: task.model, stream: false });
    const collector = family.createCollector(parsed);
    const signal = new AbortController().signal;
    for await (const part of backend.run(createBackendCall({ task, request: parsed, isStream: false, signal }))) {
      if (part.kind === "body") collector.addBody(JSON.parse(part.body));
    }
    const finished = collector.finish();
    return finished.ok && finished.answer.kind === "text" ? finished.answer : null;
  };
}

const mostTokens = (request: RequestBody) => Number(request["max_completion_tokens"] ?? request["max_tokens"]);
const withMostTokens = (request: RequestBody, tokens: number): RequestBody => ({
  ...request,
  max_tokens: tokens,
  max_completion_tokens: undefined,
});

/** Half of the tokens that were asked for, called the end. */
export const cutShort =
  (answer: AnswerRequest): AnswerRequest =>
  async (request) => {
    const half = await answer(withMostTokens(request, Math.max(1, Math.floor(mostTokens(request) / 2))));
    return half === null ? null : { ...half, finishReason: "stop" };
  };

/** The first half by another model, and the rest by the right one, which reads it as its own. */
export const begunBy =
  (other: AnswerRequest, own: AnswerRequest): AnswerRequest =>
  async (request) => {
    const most = mostTokens(request);
    const begun = await other(withMostTokens(request, Math.max(1, Math.floor(most / 2))));
    if (begun === null || begun.finishReason !== "length" || request["continue_final_message"] === true) return begun;
    const messages = [...(request["messages"] as readonly unknown[]), { role: "assistant", content: begun.text }];
    const continued = { ...request, messages, continue_final_message: true, add_generation_prompt: false };
    const rest = await own(withMostTokens(continued, Math.max(1, most - begun.tokens.length)));
    return rest === null ? null : { ...rest, text: begun.text + rest.text, tokens: [...begun.tokens, ...rest.tokens] };
  };

/** Another model's tokens with the logprobs that the right one gives them, which cost one pass over the prompt and no drawing. */
export const withLogprobsOf =
  (model: ReferenceModel, task: Task, answer: AnswerRequest): AnswerRequest =>
  async (request) => {
    const signal = new AbortController().signal;
    const given = await answer(request);
    const read = readTextRequest(task.family, getFamily(task.family).requestSchema.parse(request));
    if (given === null || read === null) return given;
    const prompt = await model.readPrompt(read.prompt, signal);
    const ids = (await model.idsOf(given.tokens, signal)).filter((id) => id !== null);
    if (prompt.kind === "unusable" || ids.length === 0) return given;
    const scored = await model.score({ promptTokens: prompt.tokens, outputTokens: ids }, signal);
    if (scored.kind === "unusable") return given;
    return {
      ...given,
      tokens: given.tokens.map((token, index) => ({ ...token, logprob: scored.positions[index]?.logprob ?? token.logprob })),
    };
  };
