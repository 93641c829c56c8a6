import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  type Answer,
  type ClaimedToken,
  chatRequestSchema,
  createRegistry,
  getFamily,
  startImageBase64,
  startImageUrl,
  type Task,
} from "@vision/protocol";
import type { Verdict } from "@vision/scoring";
import { createSeededRandom } from "@vision/scoring/probing";
import { createBackendCall, type InferenceBackend, tiny } from "@vision/sdk/backends";
import { encodePng, loadPromptEncoder } from "@vision/tiny";
import type { Reference } from "../reference.js";
import { drawPicture } from "../synthetic/draw-picture.js";
import { createEmbeddedReference } from "./reference-embedded.js";
import type { ReferenceEngine } from "./reference-engine.js";
import { createInProcessEngine } from "./reference-engine-in-process.js";

type TextAnswer = Extract<Answer, { readonly kind: "text" }>;

const registry = createRegistry();
const signal = new AbortController().signal;

function taskOf(id: string): Task {
  const task = registry.get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

function normalised(task: Task, request: Readonly<Record<string, unknown>>) {
  return getFamily(task.family).normalise(request, { task, fallbackSeed: 11 });
}

/** What a miner with this backend answers, as the validator collects it. */
async function answerOf(backend: InferenceBackend, task: Task, request: Readonly<Record<string, unknown>>): Promise<Answer> {
  const family = getFamily(task.family);
  const parsed = family.requestSchema.parse({ ...request, model: task.model });
  const collector = family.createCollector(parsed);
  for await (const part of backend.run(createBackendCall({ task, request: parsed, isStream: family.isStreamable, signal }))) {
    const added = part.kind === "event" ? collector.addEvent(JSON.parse(part.data)) : collector.addBody(JSON.parse(part.body));
    if (!added.ok) throw new Error(added.reason);
  }
  const finished = collector.finish();
  if (!finished.ok) throw new Error(finished.reason);
  return finished.answer;
}

async function textOf(backend: InferenceBackend, task: Task, request: Readonly<Record<string, unknown>>): Promise<TextAnswer> {
  const answer = await answerOf(backend, task, request);
  if (answer.kind !== "text") throw new Error("not text");
  return answer;
}

const withoutId = ({ id: _id, ...token }: ClaimedToken): ClaimedToken => token;

const perfect = expect.objectContaining({ kind: "judged", qualityFraction: 1, reasons: [] });
const chat = taskOf("chat-tiny");
const completion = taskOf("completion-tiny");
const image = taskOf("image-tiny");
const edit = taskOf("image-edit-tiny");
const embedding = taskOf("embedding-tiny");

function question(content: string, changes: Readonly<Record<string, unknown>> = {}) {
  return normalised(chat, {
    model: "chat-tiny",
    messages: [{ role: "user", content }],
    max_tokens: 40,
    temperature: 0,
    seed: 5,
    ...changes,
  });
}

/** A picture to start from. */
function picture(name: string): string {
  return startImageUrl(Buffer.from(encodePng(drawPicture(createSeededRandom(name, []), { width: 32, height: 32 }))).toString("base64"));
}

describe("createEmbeddedReference", () => {
  let reference: Reference;
  const honest = tiny();
  const cheaper = tiny({ model: "tiny-lm-small-q8_0" });
  const check = (task: Task, request: unknown, answer: Answer) =>
    reference.check({ task, request, answer, sampler: "gumbel-murmur3", signal });
  const qualityOf = (verdict: Verdict) => (verdict.kind === "judged" ? verdict.qualityFraction : null);

  beforeAll(() => {
    reference = createEmbeddedReference(createInProcessEngine());
  });
  afterAll(() => reference.close());

  it("can check the tasks of embedded models and no others", () => {
    expect(reference.canCheck(chat)).toBe(true);
    expect(reference.canCheck(image)).toBe(true);
    expect(reference.canCheck(taskOf("chat-llama-3-1-8b"))).toBe(false);
    expect(reference.canCheck({ ...chat, check: { kind: "none" } })).toBe(false);
  });

  it("finds no fault in an honest answer, sampled or not, ended or cut off", async () => {
    const requests = [
      question("What is the capital of Italy?"),
      question("Tell me a story about a fox named Mia.", { temperature: 0.8 }),
      question("Tell me a story about a fox named Mia.", { temperature: 1, max_tokens: 7 }),
      question("Tell me a story about a dog.", { stop: [" and"] }),
      question("Grüße! Ça va? 你好 🦊", { temperature: 1.2 }),
      question("Count from one to nine.", { max_tokens: 400 }),
    ];
    for (const request of requests) {
      expect({ request, verdict: await check(chat, request, await answerOf(honest, chat, request)) }).toEqual({
        request,
        verdict: perfect,
      });
    }
    const opening = normalised(completion, {
      model: "completion-tiny",
      prompt: "Once upon a time,",
      max_tokens: 30,
      temperature: 0.7,
      seed: 3,
    });
    expect(await check(completion, opening, await answerOf(honest, completion, opening))).toEqual(perfect);
  });

  it("finds no fault in the rest of an answer that another miner began, and sees a whole one in its place", async () => {
    const begun = { role: "assistant", content: "Once upon a time, there was a" } as const;
    const story = question("Tell me a story about a fox named Mia.", { temperature: 0.8 });
    const rest = normalised(chat, {
      ...story,
      messages: [...chatRequestSchema.parse(story).messages, begun],
      continue_final_message: true,
      add_generation_prompt: false,
    });
    expect(await check(chat, rest, await answerOf(honest, chat, rest))).toEqual(perfect);
    const whole = await check(chat, rest, await answerOf(honest, chat, story));
    expect(qualityOf(whole)).toBeLessThan(0.2);
  });

  it("gives nothing, or nearly, for a cheaper model, another prompt's answer and another seed's", async () => {
    const asked = question("Tell me a story about a fox named Mia.");
    const sampled = question("Tell me a story about a fox named Mia.", { temperature: 1 });
    const cheats = [
      [asked, await answerOf(cheaper, chat, asked)],
      [sampled, await answerOf(cheaper, chat, sampled)],
      [asked, await answerOf(honest, chat, question("Tell me a story about a robot named Tom."))],
      [sampled, await answerOf(honest, chat, { ...sampled, seed: 6 })],
    ] as const;
    for (const [index, [request, answer]] of cheats.entries()) {
      expect({ index, quality: qualityOf(await check(chat, request, answer)) }).toEqual({ index, quality: 0 });
    }
  });

  it("does not let an answer be cut short, padded, or shown as another text than its tokens", async () => {
    const request = question("Tell me a story about a fox named Mia.");
    const answer = await textOf(honest, chat, request);
    const cut = answer.tokens.slice(0, 6);
    const cutText = new TextDecoder().decode(Uint8Array.from(cut.flatMap(({ bytes }) => [...(bytes ?? [])])));
    const [first] = answer.tokens;
    if (first === undefined) throw new Error("no tokens");
    const altered: Readonly<Record<string, TextAnswer>> = {
      "cut short": { ...answer, tokens: cut, text: cutText, finishReason: "stop" },
      "other text": { ...answer, text: `${answer.text} Buy this!` },
      "no logprobs": { ...answer, tokens: [] },
      "neither id nor bytes": { ...answer, tokens: [{ ...withoutId(first), bytes: null }, ...answer.tokens.slice(1)] },
      "unknown bytes": { ...answer, tokens: [{ ...withoutId(first), bytes: [255, 254, 253, 252] }, ...answer.tokens.slice(1)] },
      "unknown id": { ...answer, tokens: [{ ...first, id: 4_096 }, ...answer.tokens.slice(1)] },
      "an id that is another token's": { ...answer, tokens: [{ ...first, id: 300 }, ...answer.tokens.slice(1)] },
      "claims of nothing": { ...answer, tokens: answer.tokens.map((token) => ({ ...token, logprob: null })) },
      "wrong claims": { ...answer, tokens: answer.tokens.map((token) => ({ ...token, logprob: -3 })) },
      "too many tokens": { ...answer, tokens: Array.from({ length: 100_000 }, () => first) },
      "ended by a filter": { ...answer, finishReason: "content_filter" },
    };
    for (const [name, each] of Object.entries(altered)) {
      expect({ name, quality: qualityOf(await check(chat, request, each)) }).toEqual({ name, quality: 0 });
    }
  });

  it("takes an honest answer as each engine writes it: by ids or bytes, with and without the end", async () => {
    const request = question("What is the capital of Italy?");
    const answer = await textOf(honest, chat, request);
    const plain = answer.tokens.map(withoutId);
    const [end] = plain.slice(-1);
    if (end === undefined) throw new Error("no tokens");
    const encoder = await loadPromptEncoder("tiny-lm-q8_0");
    const ids = answer.tokens.map(({ id }) => id ?? -1);
    // Three tokens that the tokenizer makes of their text again, as an emoji's are.
    const at = ids.findIndex((_, from) => {
      const three = ids.slice(from, from + 3);
      return three.length === 3 && encoder.tokenizer.encode(encoder.tokenizer.decode(three)).join() === three.join();
    });
    const characters = encoder.tokenizer.decode(ids.slice(at, at + 3));
    const split = plain.map((token, index) => {
      if (index < at || index > at + 2) return token;
      return { ...token, text: index === at + 2 ? characters : "", bytes: index === at + 2 ? [...Buffer.from(characters)] : [] };
    });
    expect(at).toBeGreaterThanOrEqual(0);
    const promptTokenIds = encoder.chatPrompt([{ role: "user", content: "What is the capital of Italy?" }]);
    const written: Readonly<Record<string, TextAnswer>> = {
      "ids alone": { ...answer, tokens: answer.tokens.map((token) => ({ ...token, bytes: null, text: "" })) },
      "bytes alone": { ...answer, tokens: plain },
      "the end's name as its bytes, as vLLM": {
        ...answer,
        tokens: [...plain.slice(0, -1), { ...end, bytes: [...Buffer.from("<|im_end|>")] }],
      },
      "no end token": { ...answer, tokens: plain.slice(0, -1) },
      "an end without a name": { ...answer, tokens: [...plain.slice(0, -1), { ...end, text: "", bytes: [] }] },
      "the bytes of three tokens with the last of them, as vLLM": { ...answer, tokens: split },
      "ids beside silent tokens": { ...answer, tokens: split.map((token, index) => ({ ...token, id: ids[index] ?? -1 })) },
      "the prompt's ids": { ...answer, promptTokenIds },
    };
    for (const [name, each] of Object.entries(written)) {
      expect({ name, verdict: await check(chat, request, each) }).toEqual({ name, verdict: perfect });
    }
    const shifted = { ...answer, promptTokenIds: [1, ...promptTokenIds] };
    expect(await check(chat, request, shifted)).toMatchObject({ qualityFraction: 0, reasons: [expect.stringContaining("another prompt")] });
  });

  it("takes an answer that ended at a stop sequence, whether its tokens are listed or left out, as llama.cpp does", async () => {
    const request = question("Tell me a story about a fox named Mia.", { stop: [" and"] });
    const answer = await textOf(honest, chat, request);
    expect(answer.finishReason).toBe("stop");
    expect(await check(chat, request, answer)).toEqual(perfect);
    expect(await check(chat, request, { ...answer, tokens: answer.tokens.slice(0, -1) })).toEqual(perfect);
    // Any earlier end is a cut, whichever way it is written.
    const cut = answer.tokens.slice(0, 5);
    const text = cut.map((token) => token.text).join("");
    const [stopToken] = answer.tokens.slice(-1);
    if (stopToken === undefined) throw new Error("no tokens");
    for (const tokens of [cut, [...cut, stopToken]]) {
      expect(qualityOf(await check(chat, request, { ...answer, tokens, text }))).toBe(0);
    }
  });

  it("does not let an answer go on after its stop sequence", async () => {
    const request = question("Tell me a story about a fox named Mia.", { stop: [" the"] });
    const unstopped = await textOf(honest, chat, { ...request, stop: [] });
    const text = unstopped.text.slice(0, unstopped.text.indexOf(" the"));
    expect(unstopped.text).toContain(" the");
    expect(qualityOf(await check(chat, request, { ...unstopped, text, finishReason: "stop" }))).toBe(0);
  });

  it("takes the right picture only, by its bytes", async () => {
    const request = normalised(image, { model: "image-tiny", prompt: "red apple", steps: 2, seed: 4 });
    const answer = await answerOf(honest, image, request);
    const other = await answerOf(honest, image, { ...request, seed: 5 });
    if (answer.kind !== "images" || other.kind !== "images") throw new Error("not images");
    expect(await check(image, request, answer)).toEqual(perfect);
    const large = encodePng({ width: 33, height: 32, pixels: new Uint8Array(33 * 32 * 3) });
    const wrong: Readonly<Record<string, readonly string[]>> = {
      "another seed": other.imagesBase64,
      garbage: ["AAAA"],
      "not base64": ["%%%"],
      "wrong size": [Buffer.from(large).toString("base64")],
      "too many": [...answer.imagesBase64, ...answer.imagesBase64],
      none: [],
    };
    for (const [name, imagesBase64] of Object.entries(wrong)) {
      expect({ name, quality: qualityOf(await check(image, request, { kind: "images", imagesBase64 })) }).toEqual({ name, quality: 0 });
    }
  });

  it("takes the picture that starts from the right one only, and follows the prompt from there", async () => {
    const fields = { model: "image-edit-tiny", image: picture("one"), prompt: "red apple", steps: 5, strength: 0.6, seed: 4 };
    const request = normalised(edit, fields);
    const made = async (change: object) => answerOf(honest, edit, normalised(edit, { ...fields, ...change }));
    const { image: _, strength: __, ...withoutStart } = fields;
    expect(await check(edit, request, await made({}))).toEqual(perfect);
    const lazy: Readonly<Record<string, Answer>> = {
      "the picture as it came": { kind: "images", imagesBase64: [startImageBase64(fields.image)] },
      "another picture to start from": await made({ image: picture("another") }),
      "nothing to start from": await answerOf(honest, image, normalised(image, withoutStart)),
      "one step for three": await made({ steps: 2, strength: 0.5 }),
      "less strength": await made({ strength: 0.4 }),
      "another prompt": await made({ prompt: "fish" }),
      "another seed": await made({ seed: 5 }),
    };
    for (const [name, answer] of Object.entries(lazy)) {
      expect({ name, quality: qualityOf(await check(edit, request, answer)) }).toEqual({ name, quality: 0 });
    }
  });

  it("blames nobody for a picture to start from that cannot be decoded", async () => {
    const broken = Buffer.from(startImageBase64(picture("one")), "base64");
    broken[60] = (broken[60] ?? 0) ^ 1;
    const fields = { model: "image-edit-tiny", image: startImageUrl(broken.toString("base64")), prompt: "red apple", steps: 1, seed: 4 };
    const request = normalised(edit, fields);
    await expect(answerOf(honest, edit, request)).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("checksum") });
    expect((await check(edit, request, { kind: "images", imagesBase64: ["AAAA"] })).kind).toBe("inconclusive");
  });

  it("takes the vectors of the named model only, and of all of the texts", async () => {
    const texts = ["What is the capital of Italy?", "Tell me a story about a dog."];
    const request = normalised(embedding, { model: "embedding-tiny", input: texts });
    const answer = await answerOf(honest, embedding, request);
    const cheaper = await answerOf(tiny({ model: "tiny-lm-small-q8_0" }), embedding, request);
    const shortened = await answerOf(honest, embedding, { ...request, input: texts.map((text) => text.slice(0, 12)) });
    const repeated = await answerOf(honest, embedding, { ...request, input: [texts[0], texts[0]] });
    const others = { cheaper, shortened, repeated };
    expect(await check(embedding, request, answer)).toEqual(perfect);
    for (const [name, other] of Object.entries(others)) {
      expect({ name, quality: qualityOf(await check(embedding, request, other)) }).toEqual({ name, quality: 0 });
    }
  });

  it("is inconclusive about what no miner could have answered", async () => {
    const answer: Answer = { kind: "text", text: "hi", tokens: [], finishReason: "stop" };
    const tooLong = question("word ".repeat(2_000));
    expect((await check(chat, tooLong, answer)).kind).toBe("inconclusive");
    expect((await check(chat, { nonsense: true }, answer)).kind).toBe("inconclusive");
    expect((await check(chat, question("Hi"), { kind: "images", imagesBase64: [] })).kind).toBe("inconclusive");
  });

  it("rejects, and never judges, when the engine fails", async () => {
    const broken: ReferenceEngine = {
      score: async () => {
        throw new Error("out of memory");
      },
      embed: async () => {
        throw new Error("out of memory");
      },
      generateText: async () => {
        throw new Error("out of memory");
      },
      generateImage: async () => {
        throw new Error("out of memory");
      },
      close: async () => undefined,
    };
    const request = question("What is the capital of Italy?");
    const answer = await answerOf(honest, chat, request);
    const failing = createEmbeddedReference(broken).check({ task: chat, request, answer, sampler: "gumbel-murmur3", signal });
    await expect(failing).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    const prompt = { kind: "text", text: "Once" } as const;
    const writing = createEmbeddedReference(broken).write?.({ task: chat, prompt, maxTokens: 4, seed: 1, signal });
    await expect(writing).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
  });
});
