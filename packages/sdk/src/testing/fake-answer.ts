import { embeddingInputs, encodeVector } from "@vision/protocol";
import { readImageSampling } from "../backends/image-sampling.js";
import type { BackendCall } from "../backends/inference-backend.js";
import type { GeneratedToken } from "../backends/text/generated-token.js";
import { isTextCall, type TextFormat, textFormats } from "../backends/text/text-format.js";
import { writeTextAnswer } from "../backends/text/write-text-answer.js";
import type { FakeStep } from "./fake-step.js";

/** A PNG of one red pixel. */
const ONE_PIXEL_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

/** Unix time, seconds, in fake answers: they are the same every time. */
const CREATED_SECONDS = 1_750_000_000;

/**
 * Steps of a well-formed answer to any request, cut to the request's token limit: each word of `text` is one token with a logprob,
 * each image one red pixel, each vector `[1, 0, 0]`.
 */
export function fakeAnswer(call: BackendCall, text = "A fake backend says hello."): AsyncIterable<FakeStep> {
  const { name } = call.family;
  if (isTextCall(call)) return textSteps(call, text, textFormats[call.familyName]);
  if (call.familyName === "image-generation" || call.familyName === "image-edits") return imageSteps(call);
  if (call.familyName === "embeddings") return embeddingSteps(call);
  throw new TypeError(`a fake backend has no answer for ${name}; give it steps`);
}

async function* textSteps(call: BackendCall, text: string, format: TextFormat): AsyncGenerator<FakeStep, void> {
  const words = text.match(/\s*\S+/g) ?? [];
  const limit = call.family.maxWorkUnits(call.request);
  const tokens: GeneratedToken[] = words.map((word) => fakeToken(word, false));
  tokens.push(fakeToken("<|end|>", true));
  const parts = writeTextAnswer(toAsync(tokens.slice(0, limit)), {
    format,
    id: `${format.idPrefix}fake`,
    createdSeconds: CREATED_SECONDS,
    model: call.task.model,
    promptTokens: 1,
    stop: [],
    hasLogprobs: true,
    hasUsage: false,
    isStream: call.isStream,
  });
  for await (const part of parts) yield part;
}

async function* imageSteps(call: BackendCall<"image-generation" | "image-edits">): AsyncGenerator<FakeStep, void> {
  const { seeds = [] } = readImageSampling(call.familyName, call.request, 0) ?? {};
  yield { kind: "body", body: JSON.stringify({ created: CREATED_SECONDS, data: seeds.map(() => ({ b64_json: ONE_PIXEL_PNG })) }) };
}

async function* embeddingSteps(call: BackendCall<"embeddings">): AsyncGenerator<FakeStep, void> {
  const data = embeddingInputs(call.request).map((_, index) => ({ object: "embedding", index, embedding: encodeVector([1, 0, 0]) }));
  yield { kind: "body", body: JSON.stringify({ object: "list", data, model: call.task.model }) };
}

function fakeToken(text: string, isEnd: boolean): GeneratedToken {
  return { text, bytes: new TextEncoder().encode(text), logprob: -0.5, topLogprobs: [], isEnd };
}

async function* toAsync<Value>(values: readonly Value[]): AsyncGenerator<Value, void> {
  yield* values;
}
