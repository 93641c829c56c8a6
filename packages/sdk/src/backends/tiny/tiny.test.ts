import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, imageEdits, measureDraws, readSamplingRules, type Task } from "@vision/protocol";
import { decodePng, loadLanguageModel } from "@vision/tiny";
import { backendContractSuite } from "../../testing/backend-contract.js";
import { createBackendCall } from "../backend-call.js";
import type { BackendCall, BackendPart } from "../inference-backend.js";
import { tiny } from "./tiny.js";

function taskOf(id: string): Task {
  const task = createRegistry().get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

function callOf(taskId: string, request: Record<string, unknown>, isStream = false, signal = new AbortController().signal): BackendCall {
  const task = taskOf(taskId);
  const family = getFamily(task.family);
  return createBackendCall({ task, request: family.requestSchema.parse({ model: task.model, ...request }), isStream, signal });
}

const question = { messages: [{ role: "user", content: "What is the capital of Italy?" }], max_tokens: 48, temperature: 0, seed: 1 };
const story = { prompt: "Once upon a time", max_tokens: 24, temperature: 0.7, seed: 9 };
const fromSquare = { ...imageEdits.smallRequest("m"), prompt: "red apple", steps: 4, strength: 0.5 };
const apple = { prompt: "red apple", steps: 2, seed: 7 };

const backend = tiny();

async function parts(call: BackendCall): Promise<readonly BackendPart[]> {
  const all: BackendPart[] = [];
  for await (const part of backend.run(call)) all.push(part);
  return all;
}

async function answer(call: BackendCall) {
  const collector = call.family.createCollector(call.request);
  for (const part of await parts(call)) {
    expect(part.kind === "event" ? collector.addEvent(JSON.parse(part.data)) : collector.addBody(JSON.parse(part.body))).toMatchObject({
      ok: true,
    });
  }
  const result = collector.finish();
  if (!result.ok) throw new Error(result.reason);
  return result.answer;
}

async function textAnswer(call: BackendCall) {
  const result = await answer(call);
  if (result.kind !== "text") throw new Error("not a text answer");
  return result;
}

describe("tiny", () => {
  it("answers a chat with the embedded model", async () => {
    const result = await textAnswer(callOf("chat-tiny", question, true));
    expect(result.text).toContain("Rome");
    expect(result.finishReason).toBe("stop");
  });

  it("goes on where the beginning of an answer ends", async () => {
    const messages = [...question.messages, { role: "assistant", content: "The capital of" }];
    const fields = { continue_final_message: true, add_generation_prompt: false };
    const result = await textAnswer(callOf("chat-tiny", { ...question, messages, ...fields }, true));
    expect(result.text).toBe(" Italy is Rome.");
  });

  it("reports every token, the ending one included, with the logprobs that teacher forcing gives", async () => {
    const result = await textAnswer(callOf("chat-tiny", question, true));
    const model = await loadLanguageModel("tiny-lm-q8_0");
    const promptTokens = model.chatPrompt(question.messages);
    const generated = [...model.generate({ promptTokens, maxTokens: 48, temperature: 0, seed: 1 })];
    expect(result.tokens.map((token) => token.bytes)).toEqual(generated.map((token) => [...token.bytes]));
    expect(generated.at(-1)?.isEnd).toBe(true);
    expect(result.tokens.at(-1)).toMatchObject({ text: "<|im_end|>", bytes: [] });
    const scores = model.score({ promptTokens, outputTokens: generated.map((token) => token.tokenId) });
    scores.forEach((score, index) => {
      expect(score.rank).toBe(0);
      expect(result.tokens[index]?.logprob).toBe(Math.min(0, score.logprob));
    });
  });

  it("gives the same sampled answer for the same seed and another for another seed", async () => {
    const first = await textAnswer(callOf("completion-tiny", story));
    expect(await textAnswer(callOf("completion-tiny", story, true))).toEqual(first);
    expect((await textAnswer(callOf("completion-tiny", { ...story, seed: 10 }))).text).not.toBe(first.text);
  });

  it("draws the tokens that the judge finds, whatever truncation and penalties are asked for", async () => {
    const model = await loadLanguageModel("tiny-lm-q8_0");
    const promptTokens = model.completionPrompt(story.prompt);
    const asked = [
      {},
      { top_p: 0.7 },
      { top_k: 3, temperature: 1.3 },
      { min_p: 0.2, temperature: 1.5 },
      { frequency_penalty: 1, presence_penalty: 0.5 },
      { temperature: 0, frequency_penalty: 1.5 },
    ];
    for (const more of asked) {
      const request = { ...story, max_tokens: 60, ...more };
      const { tokens } = await textAnswer(callOf("completion-tiny", request));
      const outputTokens = tokens.flatMap(({ bytes }) => model.tokenizer.idOfBytes(Uint8Array.from(bytes ?? [])) ?? []);
      const positions = model.score({ promptTokens, outputTokens });
      const draw = { positions, promptTokens, sampler: "gumbel-murmur3", seed: story.seed } as const;
      const margins = measureDraws({ ...draw, rules: readSamplingRules(request) }) ?? [];
      // Both rank and penalise the same bits; only the temperature is a 32-bit float in one of them.
      expect({ more, largest: Math.max(...margins) < 1e-4 }).toEqual({ more, largest: true });
      const ignored = measureDraws({ ...draw, rules: readSamplingRules({ temperature: request.temperature }) }) ?? [];
      if (Object.keys(more).length > 0) expect({ more, isSeen: Math.max(...ignored) > 0.01 }).toEqual({ more, isSeen: true });
    }
  });

  it("takes a seed of its own for a request that names none", async () => {
    const free = { prompt: "Once upon a time", max_tokens: 24, temperature: 2 };
    const [first, second] = [await textAnswer(callOf("completion-tiny", free)), await textAnswer(callOf("completion-tiny", free))];
    expect(first.text).not.toBe(second.text);
  });

  it("stops at a stop sequence and at max_tokens", async () => {
    const stopped = await textAnswer(callOf("chat-tiny", { ...question, stop: " is" }));
    expect(stopped).toMatchObject({ text: "The capital of Italy", finishReason: "stop" });
    const cut = await textAnswer(callOf("chat-tiny", { ...question, max_tokens: 2 }));
    expect(cut).toMatchObject({ finishReason: "length" });
    expect(cut.tokens).toHaveLength(2);
  });

  it("lists alternatives when asked to", async () => {
    const [part] = await parts(callOf("chat-tiny", { ...question, max_tokens: 1, logprobs: true, top_logprobs: 3 }));
    const body = JSON.parse(part?.kind === "body" ? part.body : "{}");
    const [entry] = body.choices[0].logprobs.content;
    expect(entry.top_logprobs).toHaveLength(3);
    expect(entry.top_logprobs[0]).toMatchObject({ token: entry.token, logprob: entry.logprob });
  });

  it("lets requests advance side by side", async () => {
    const order: string[] = [];
    const follow = async (name: string) => {
      for await (const part of backend.run(callOf("chat-tiny", question, true))) if (part.kind === "event") order.push(name);
    };
    await Promise.all([follow("a"), follow("b")]);
    const firstEnd = Math.min(order.lastIndexOf("a"), order.lastIndexOf("b"));
    expect(new Set(order.slice(0, firstEnd))).toEqual(new Set(["a", "b"]));
  });

  it("refuses a prompt that does not fit, as the request's fault", async () => {
    const tooLong = { ...question, messages: [{ role: "user", content: "word ".repeat(600) }] };
    await expect(parts(callOf("chat-tiny", tooLong))).rejects.toMatchObject({ code: "invalid" });
  });

  it("fails for a model that is not embedded, and names those that are", async () => {
    const call = callOf("chat-tiny", { ...question, model: "gpt-5" });
    await expect(parts(call)).rejects.toMatchObject({ code: "failed", message: expect.stringContaining("tiny-lm-q8_0") });
  });

  it("uses the model of its options in place of the requested one", async () => {
    const small = tiny({ model: "tiny-lm-small-q8_0" });
    const call = callOf("chat-tiny", { ...question, model: "gpt-5" });
    const all: BackendPart[] = [];
    for await (const part of small.run(call)) all.push(part);
    expect(all).toHaveLength(1);
  });

  it("draws images as PNG files, one seed after the other, and the same ones again", async () => {
    const one = await answer(callOf("image-tiny", apple));
    const two = await answer(callOf("image-tiny", { ...apple, seed: 6, n: 2 }));
    if (one.kind !== "images" || two.kind !== "images") throw new Error("not images");
    expect(two.imagesBase64[1]).toBe(one.imagesBase64[0]);
    expect(two.imagesBase64[0]).not.toBe(one.imagesBase64[0]);
    const decoded = decodePng(Buffer.from(one.imagesBase64[0] ?? "", "base64"), { maxPixels: 32 * 32 });
    expect(decoded).toMatchObject({ ok: true, image: { width: 32, height: 32 } });
  });

  it("refuses an image size that the task does not offer", async () => {
    await expect(parts(callOf("image-tiny", { ...apple, size: "512x512" }))).rejects.toMatchObject({ code: "invalid" });
  });

  it("stops drawing when the request is cancelled", async () => {
    const controller = new AbortController();
    const drawing = parts(callOf("image-tiny", { ...apple, steps: 100 }, false, controller.signal));
    setImmediate(() => controller.abort());
    await expect(drawing).rejects.toThrow("cancelled");
  });
});

describe("the backend contract, on tiny", () => {
  const cases = [
    { id: "chat-tiny", request: question, invalidRequest: { ...question, messages: [{ role: "user", content: "word ".repeat(600) }] } },
    { id: "completion-tiny", request: story, invalidRequest: { ...story, prompt: "word ".repeat(600) } },
    { id: "image-tiny", request: apple, invalidRequest: { ...apple, size: "64x64" } },
    { id: "image-edit-tiny", request: fromSquare, invalidRequest: { ...fromSquare, size: "64x64" } },
  ];
  for (const { id, request, invalidRequest } of cases) {
    const options = { createBackend: () => tiny(), task: taskOf(id), request, invalidRequest, isDeterministic: true };
    const suite = backendContractSuite({ ...options, patienceMs: 60_000 });
    for (const { name, run } of suite) it(name, run);
  }
});

describe("findObstacle", () => {
  it("names models that are not embedded, or make something else", async () => {
    for (const id of ["chat-tiny", "completion-tiny", "image-tiny", "image-edit-tiny"])
      expect([id, await backend.findObstacle?.(taskOf(id))]).toEqual([id, null]);
    expect(await backend.findObstacle?.(taskOf("chat-llama-3-1-8b"))).toContain('no embedded language model "meta-llama/');
    expect(await backend.findObstacle?.({ family: "image-generation", model: "tiny-lm-q8_0" })).toContain("no embedded image model");
    expect(await tiny({ model: "tiny-lm-small-q8_0" }).findObstacle?.(taskOf("chat-llama-3-1-8b"))).toBeNull();
    expect(await tiny({ model: new Uint8Array(1) }).findObstacle?.(taskOf("chat-llama-3-1-8b"))).toBeNull();
  });
});
