import { createSseDecoder } from "@vision/protocol";
import { z } from "zod";
import { failureOf } from "./api.js";

/** What the visitor asks. */
export type ChatQuestion = {
  readonly model: string;
  readonly system: string;
  readonly prompt: string;
  readonly temperature: number;
  readonly maxTokens: number;
  /** Of an image. */
  readonly steps: number;
  readonly seed: number | null;
};

/** How an answer went; times in milliseconds. */
export type AnswerFacts = {
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
  readonly completionTokens: number | null;
  readonly requestId: string | null;
};

/** Body of the request for an image; what the code samples show, too. */
export function imageBody({ model, prompt, steps, seed }: ChatQuestion) {
  return { model, prompt, steps, response_format: "b64_json", ...(seed === null ? {} : { seed }) };
}

/** Body of the request to the chat endpoint. */
export function chatBody({ model, system, prompt, temperature, maxTokens, seed }: ChatQuestion) {
  return {
    model,
    messages: [...(system === "" ? [] : [{ role: "system", content: system }]), { role: "user", content: prompt }],
    temperature,
    max_tokens: maxTokens,
    ...(seed === null ? {} : { seed }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function post(path: string, key: string, body: unknown, signal: AbortSignal): Promise<Response> {
  return fetch(path, {
    ...{ method: "POST", signal, body: JSON.stringify(body) },
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
  });
}

const eventSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).optional() })).default([]),
  usage: z.object({ completion_tokens: z.number() }).nullish(),
  error: z.object({ message: z.string() }).optional(),
});

/**
 * Asks a chat model and hands the text over as it comes.
 *
 * @throws {@link ApiFailure}, or an error with the sentence of an event that ends the stream early.
 */
export async function streamChat(
  question: ChatQuestion,
  { key, signal, onText }: { readonly key: string; readonly signal: AbortSignal; readonly onText: (text: string) => void },
): Promise<AnswerFacts> {
  const startedMs = performance.now();
  const response = await post("v1/chat/completions", key, chatBody(question), signal);
  if (!response.ok || response.body === null) throw await failureOf(response);
  const reader = response.body.getReader();
  const decoder = createSseDecoder();
  let [firstTokenMs, completionTokens] = [null, null] as [number | null, number | null];
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    for (const data of decoder.push(read.value)) {
      if (data === "[DONE]") continue;
      const event = eventSchema.parse(JSON.parse(data));
      if (event.error !== undefined) throw new Error(event.error.message);
      const text = event.choices[0]?.delta?.content ?? "";
      if (text !== "") {
        firstTokenMs ??= performance.now() - startedMs;
        onText(text);
      }
      completionTokens = event.usage?.completion_tokens ?? completionTokens;
    }
  }
  return { firstTokenMs, completionTokens, durationMs: performance.now() - startedMs, requestId: response.headers.get("x-request-id") };
}

const imageSchema = z.object({ data: z.array(z.object({ b64_json: z.string() })).min(1) });

/** Asks an image model. Returns the picture as a `data:` address. @throws {@link ApiFailure} */
export async function makeImage(
  question: ChatQuestion,
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
): Promise<{ readonly url: string; readonly facts: AnswerFacts }> {
  const startedMs = performance.now();
  const body = imageBody(question);
  const response = await post("v1/images/generations", key, body, signal);
  if (!response.ok) throw await failureOf(response);
  const { data } = imageSchema.parse(await response.json());
  return {
    url: `data:image/png;base64,${data[0]?.b64_json ?? ""}`,
    facts: {
      firstTokenMs: null,
      completionTokens: null,
      durationMs: performance.now() - startedMs,
      requestId: response.headers.get("x-request-id"),
    },
  };
}
