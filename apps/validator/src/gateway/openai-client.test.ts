import { afterEach, describe, expect, it } from "@jest/globals";
import { loadPromptEncoder } from "@vision/tiny";
import OpenAI, { APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "openai";
import { createEmbeddedPromptCounter } from "../adapters/prompt-counter-embedded.js";
import { chatEvents, completionEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { settle } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";

const words = ["Hello", " there", ",", " world"];
const chatMiner: FakeMiner = () => ({ events: chatEvents(words) });
const completionMiner: FakeMiner = () => ({ events: completionEvents(["once", " upon"]) });
const imageMiner: FakeMiner = () => ({ body: { data: [{ b64_json: "iVBORw0KGgo=" }] } });

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function client(miners: Readonly<Record<string, FakeMiner>>, key?: string): Promise<OpenAI> {
  fixture = await startGateway(miners);
  return new OpenAI({ baseURL: `${fixture.url}/v1`, apiKey: key ?? (await fixture.addKey()), maxRetries: 0 });
}

const messages = [{ role: "user" as const, content: "Say hello" }];
const chat = { model: "chat-tiny", messages, max_tokens: 20 };

describe("the official OpenAI client", () => {
  it("gets a chat completion with usage", async () => {
    const openai = await client({ alice: chatMiner });
    const answer = await openai.chat.completions.create(chat);
    expect(answer).toMatchObject({
      object: "chat.completion",
      model: "chat-tiny",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello there, world" }, logprobs: null, finish_reason: "stop" }],
      usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    });
    expect(answer.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/);
    expect(JSON.stringify(answer)).not.toContain("miner-own");
  });

  it("gets logprobs when it asks for them", async () => {
    const openai = await client({ alice: chatMiner });
    const answer = await openai.chat.completions.create({ ...chat, logprobs: true });
    expect(answer.choices[0]?.logprobs?.content?.map(({ token, logprob, top_logprobs }) => ({ token, logprob, top_logprobs }))).toEqual(
      words.map((token) => ({ token, logprob: -0.5, top_logprobs: [] })),
    );
  });

  it("streams a chat completion under one id and the asked model, without usage and logprobs", async () => {
    const openai = await client({ alice: chatMiner });
    const chunks = [];
    for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true })) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("Hello there, world");
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(new Set(chunks.map((chunk) => chunk.model))).toEqual(new Set(["chat-tiny"]));
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.some((chunk) => chunk.usage != null || chunk.choices[0]?.logprobs != null)).toBe(false);
    expect(JSON.stringify(chunks)).not.toContain("miner-own");
  });

  it("streams usage and logprobs when it asks for them", async () => {
    const openai = await client({ alice: chatMiner });
    const chunks = [];
    const stream = await openai.chat.completions.create({ ...chat, stream: true, logprobs: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 } });
    expect(chunks.filter((chunk) => chunk.usage != null)).toHaveLength(1);
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.logprobs?.content ?? []).map(({ token }) => token)).toEqual(words);
  });

  it("works with the client's stream helper", async () => {
    const openai = await client({ alice: chatMiner });
    const final = await openai.chat.completions.stream(chat).finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe("Hello there, world");
  });

  it("gets a plain completion, whole and streamed", async () => {
    const openai = await client({ alice: completionMiner });
    const body = { model: "completion-tiny", prompt: "Tell me", max_tokens: 20 };
    expect(await openai.completions.create({ ...body, logprobs: 0 })).toMatchObject({
      object: "text_completion",
      model: "completion-tiny",
      choices: [
        {
          text: "once upon",
          finish_reason: "length",
          logprobs: { tokens: ["once", " upon"], token_logprobs: [-0.25, -0.25], top_logprobs: null, text_offset: [0, 4] },
        },
      ],
      usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
    });
    const chunks = [];
    for await (const chunk of await openai.completions.create({ ...body, stream: true })) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.text).join("")).toBe("once upon");
    expect(chunks[0]?.choices[0]?.logprobs).toBeNull();
    expect(chunks[0]?.id).toMatch(/^cmpl-/);
  });

  it("gets its prompts back where it asks for them, each before its answer, and no miner is asked for that", async () => {
    const openai = await client({ alice: ({ request }) => ({ events: completionEvents([` of ${request["prompt"]}`, "!"]) }) });
    const body = { model: "completion-tiny", prompt: ["one", "two"], n: 2, max_tokens: 20, echo: true };
    const texts = ["one of one!", "one of one!", "two of two!", "two of two!"];
    const whole = await openai.completions.create(body);
    expect(whole.choices.map(({ text }) => text)).toEqual(texts);
    expect(whole.usage?.completion_tokens).toBe(8);
    const streamed = ["", "", "", ""];
    for await (const chunk of await openai.completions.create({ ...body, stream: true })) {
      for (const { index, text } of chunk.choices) streamed[index] += text;
    }
    expect(streamed).toEqual(texts);
    expect(fixture.exchange.requests.every(({ request }) => request["echo"] == null)).toBe(true);
    const { length } = fixture.exchange.requests;
    await expect(openai.completions.create({ ...body, logprobs: 1 })).rejects.toMatchObject({
      status: 400,
      code: "unsupported",
      param: "logprobs",
    });
    expect(fixture.exchange.requests).toHaveLength(length);
  });

  it("gets its prompt back once, where one miner fails before it has said anything and another answers", async () => {
    const openai = await client({
      alice: () => ({ events: completionEvents([""]), end: "failed" }),
      bob: () => ({ events: completionEvents([" upon"]) }),
    });
    let text = "";
    for await (const chunk of await openai.completions.create({
      ...{ model: "completion-tiny", prompt: "once", max_tokens: 20, echo: true, stream: true },
    })) {
      text += chunk.choices[0]?.text ?? "";
    }
    expect(text).toBe("once upon");
  });

  it("gets images", async () => {
    const openai = await client({ alice: imageMiner });
    const answer = await openai.images.generate({ model: "image-tiny", prompt: "a smile", response_format: "b64_json" });
    expect(answer.data).toEqual([{ b64_json: "iVBORw0KGgo=" }]);
    expect(answer.created).toBe(Math.floor(fixture.clock.nowMs() / 1000));
  });

  it("gets images by links that end after an hour, of the size that the task makes", async () => {
    const openai = await client({ alice: imageMiner });
    const ask = { model: "image-tiny", prompt: "a smile", response_format: "url", size: "auto" } as const;
    const { data: [image] = [] } = await openai.images.generate(ask);
    expect(Object.keys(image ?? {})).toEqual(["url"]);
    expect(fixture.exchange.requests[0]?.request).not.toHaveProperty("size");
    const url = new URL(image?.url ?? "");
    expect(url.origin).toBe(fixture.url);
    const get = async (address: URL) => {
      const response = await fetch(address);
      return { status: response.status, type: response.headers.get("content-type"), bytes: Buffer.from(await response.arrayBuffer()) };
    };
    expect(await get(url)).toEqual({ status: 200, type: "image/png", bytes: Buffer.from("iVBORw0KGgo=", "base64") });
    const longer = new URL(url);
    longer.searchParams.set("expires", String(Number(url.searchParams.get("expires")) + 1));
    expect(await get(longer)).toMatchObject({ status: 403 });
    longer.searchParams.delete("signature");
    expect(await get(longer)).toMatchObject({ status: 403 });
    await fixture.clock.advance(3_600_000);
    expect(await get(url)).toMatchObject({ status: 404 });
  });

  it("lists models and finds one", async () => {
    const openai = await client({ alice: chatMiner });
    expect((await openai.models.list()).data.map((model) => model.id)).toEqual([
      "chat-tiny",
      "completion-tiny",
      "embedding-tiny",
      "image-tiny",
    ]);
    expect(await openai.models.retrieve("chat-tiny")).toMatchObject({ id: "chat-tiny", object: "model", owned_by: "vision" });
    expect(await openai.models.retrieve("chat-tiny")).toMatchObject({
      abilities: { streaming: true, logprobs: true, largest_n: 16, tools: false, json: false, pictures: false, sampling: false },
    });
    expect(await openai.models.retrieve("image-tiny")).toMatchObject({
      abilities: { streaming: false, largest_n: 8, image_sizes: ["32x32"] },
    });
    await expect(openai.models.retrieve("gpt-9")).rejects.toBeInstanceOf(NotFoundError);
  });

  it("finds a task by the name of its model", async () => {
    const openai = await client({ alice: chatMiner });
    const answer = await openai.chat.completions.create({ ...chat, model: "tiny-lm-q8_0" });
    expect(answer.model).toBe("tiny-lm-q8_0");
    expect(fixture.exchange.requests[0]?.task.id).toBe("chat-tiny");
  });

  it("puts tool calls together", async () => {
    const piece = (part: unknown) => ({ choices: [{ index: 0, delta: { tool_calls: [part] }, finish_reason: null }] });
    const openai = await client({
      alice: () => ({
        events: [
          piece({ index: 0, id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":' } }),
          piece({ index: 0, function: { arguments: '"Oslo"}' } }),
          { choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] },
        ],
      }),
    });
    const answer = await openai.chat.completions.create(chat);
    expect(answer.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        content: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
      },
    });
  });
});

describe("several answers for one request", () => {
  const saying: FakeMiner = ({ request }) => ({ events: completionEvents([String(request["prompt"]), "!"]) });
  const prompts = { model: "completion-tiny", prompt: ["one", "two", "three"], max_tokens: 20 };

  it("regression: a list of prompts was refused; each is answered under its index, and usage is added up", async () => {
    const openai = await client({ alice: saying });
    const answer = await openai.completions.create(prompts);
    expect(answer.choices.map(({ index, text }) => [index, text])).toEqual([
      [0, "one!"],
      [1, "two!"],
      [2, "three!"],
    ]);
    expect(answer.usage).toEqual({ prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 });
    expect(fixture.exchange.requests.map(({ request }) => request["prompt"])).toEqual(["one", "two", "three"]);
  });

  it("streams them side by side, with one usage and one end", async () => {
    const openai = await client({ alice: saying });
    const texts = ["", "", ""];
    const usages: unknown[] = [];
    for await (const chunk of await openai.completions.create({ ...prompts, stream: true, stream_options: { include_usage: true } })) {
      for (const { index, text } of chunk.choices) texts[index] += text;
      if (chunk.usage != null) usages.push(chunk.usage);
    }
    expect(texts).toEqual(["one!", "two!", "three!"]);
    expect(usages).toEqual([{ prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 }]);
  });

  it("regression: n above 1 was refused; it is as many requests with seeds of their own, and its prompt counts once", async () => {
    const openai = await client({ alice: chatMiner });
    const answer = await openai.chat.completions.create({ ...chat, n: 3, seed: 5 });
    expect(answer.choices.map(({ index, message }) => [index, message.content])).toEqual(
      [0, 1, 2].map((index) => [index, "Hello there, world"]),
    );
    expect(answer.usage).toEqual({ prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 });
    expect(fixture.exchange.requests.map(({ request }) => request["seed"])).toEqual([5, 6, 7]);
    const final = await openai.chat.completions.stream({ ...chat, n: 2 }).finalChatCompletion();
    expect(final.choices.map(({ message }) => message.content)).toEqual(["Hello there, world", "Hello there, world"]);
  });

  it("are one error when one of them fails, and the others are ended", async () => {
    const openai = await client({ alice: ({ request }) => (request["prompt"] === "two" ? { end: "failed" } : { end: "hang" }) });
    const error = await openai.completions.create(prompts).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 502, code: "backend_failed" });
    expect(fixture.exchange.requests).toHaveLength(3);
  });

  it("are bounded in number, and by the key's tokens", async () => {
    const openai = await client({ alice: saying });
    const many = { ...prompts, prompt: Array(9).fill("x"), n: 2 };
    expect(await openai.completions.create(many).catch((error: unknown) => error)).toMatchObject({ status: 400, param: "n" });
    const list = { ...prompts, prompt: Array(17).fill("x") };
    expect(await openai.completions.create(list).catch((error: unknown) => error)).toMatchObject({ status: 400, param: "prompt" });
    await expect(openai.chat.completions.create({ ...chat, n: 17 })).rejects.toMatchObject({ status: 400, param: "n" });
    const apiKey = await fixture.addKey({ tokensPerMinute: 40 });
    const poor = new OpenAI({ baseURL: `${fixture.url}/v1`, apiKey, maxRetries: 0 });
    await poor.completions.create({ ...prompts, prompt: "x" });
    await expect(poor.completions.create(prompts)).rejects.toBeInstanceOf(RateLimitError);
    expect(fixture.exchange.requests).toHaveLength(1);
  });

  it("regression: token ids were refused; they are read as text where the tokenizer is known", async () => {
    const promptCounter = createEmbeddedPromptCounter({ logger: recordingLogger() });
    fixture = await startGateway({ alice: saying }, { promptCounter });
    const openai = new OpenAI({ baseURL: `${fixture.url}/v1`, apiKey: await fixture.addKey(), maxRetries: 0 });
    const { tokenizer } = await loadPromptEncoder("tiny-lm-q8_0");
    const ids = tokenizer.encode("Once upon a time");
    const one = await openai.completions.create({ ...prompts, prompt: ids });
    expect(one.choices[0]?.text).toBe("Once upon a time!");
    const two = await openai.completions.create({ ...prompts, prompt: [ids, tokenizer.encode("The end")] });
    expect(two.choices.map(({ text }) => text)).toEqual(["Once upon a time!", "The end!"]);
    const refused = await openai.completions.create({ ...prompts, prompt: [9_999_999] }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 400, param: "prompt", message: expect.stringContaining("not how tiny-lm-q8_0 reads") });
  });

  it("are refused in words as token ids where no tokenizer is known", async () => {
    const openai = await client({ alice: saying });
    const error = await openai.completions.create({ ...prompts, prompt: [1, 2] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 400, code: "unsupported", param: "prompt" });
    for (const prompt of [[], [1, "x"], [[1], []], 7] as never[]) {
      await expect(openai.completions.create({ ...prompts, prompt })).rejects.toMatchObject({ status: 400, param: "prompt" });
    }
  });
});

describe("a stream whose first token is long in coming", () => {
  const ask = async (miners: Readonly<Record<string, FakeMiner>>) => {
    const openai = await client(miners);
    const stream = openai.chat.completions.create({ ...chat, stream: true });
    while (fixture.exchange.requests.length === 0) await settle(1);
    return { openai, stream };
  };

  it("regression: nothing was sent before the first token; head and comments are, and the next miner is still asked", async () => {
    let fail = () => {};
    const { stream } = await ask({ alice: () => ({ end: new Promise((resolve) => (fail = () => resolve("failed"))) }), bob: chatMiner });
    await fixture.clock.advance(4_000);
    const chunks = await stream; // resolves with the head
    fail();
    let text = "";
    for await (const chunk of chunks) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("Hello there, world");
  });

  it("ends with an error event that the client raises, where no miner can answer after all", async () => {
    let fail = () => {};
    const { stream } = await ask({ alice: () => ({ end: new Promise((resolve) => (fail = () => resolve("failed"))) }) });
    await fixture.clock.advance(2_000);
    const chunks = await stream;
    fail();
    const read = async () => {
      for await (const _ of chunks);
    };
    await expect(read()).rejects.toMatchObject({ code: "backend_failed" });
  });

  it("keeps its status as long as nothing was sent", async () => {
    const openai = await client({ alice: () => ({ end: "failed" }) });
    await expect(openai.chat.completions.create({ ...chat, stream: true })).rejects.toMatchObject({ status: 502 });
  });
});

describe("errors as the official client sees them", () => {
  it("are AuthenticationError without a good key", async () => {
    const openai = await client({ alice: chatMiner }, "vsn-nobody");
    await expect(openai.chat.completions.create(chat)).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
    await expect(openai.models.list()).rejects.toBeInstanceOf(AuthenticationError);
    expect(fixture.exchange.requests).toEqual([]);
  });

  it("are RateLimitError with Retry-After above the key's limit, until time has passed", async () => {
    const openai = await client({ alice: chatMiner });
    const limited = new OpenAI({ baseURL: `${fixture.url}/v1`, apiKey: await fixture.addKey({ requestsPerMinute: 2 }), maxRetries: 0 });
    await limited.chat.completions.create(chat);
    await limited.chat.completions.create(chat);
    const error = await limited.chat.completions.create(chat).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ code: "rate_limit_exceeded", type: "rate_limit_error" });
    expect((error as RateLimitError).headers?.get("retry-after")).toBe("30");
    await openai.chat.completions.create(chat);
    await fixture.clock.advance(30_000);
    await limited.chat.completions.create(chat);
  });

  it("are BadRequestError naming the field and the reason", async () => {
    const openai = await client({ alice: chatMiner });
    const error = await openai.chat.completions.create({ ...chat, temperature: 9 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param: "temperature", type: "invalid_request_error" });
    await expect(openai.chat.completions.create({ ...chat, messages: [{ role: "user", content: 5 }] as never })).rejects.toMatchObject({
      param: "messages[0].content",
    });
    await expect(openai.images.generate({ model: "image-tiny", prompt: "x", size: "512x512" })).rejects.toMatchObject({ param: "size" });
    await expect(openai.chat.completions.create({ ...chat, max_tokens: 5_000 })).rejects.toMatchObject({ code: "context_length_exceeded" });
    expect(fixture.exchange.requests).toEqual([]);
  });

  it("are NotFoundError for a model that is not there, off, or of another endpoint", async () => {
    const openai = await client({ alice: chatMiner });
    for (const model of ["gpt-9", "chat-llama-3-1-8b", "image-tiny"]) {
      const error = await openai.chat.completions.create({ ...chat, model }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NotFoundError);
      expect(error).toMatchObject({ code: "model_not_found", param: "model" });
    }
  });

  it("are 503 with Retry-After when no miner has room", async () => {
    const openai = await client({ alice: chatMiner });
    fixture.setFree(19);
    const error = await openai.chat.completions.create(chat).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({ status: 503, code: "no_capacity" });
    expect((error as APIError).headers?.get("retry-after")).toBe("2");
  });

  it("regression: a full miner's Retry-After of 7 seconds became 2; the user is told the soonest that miners say", async () => {
    const openai = await client({
      alice: () => ({ end: "rateLimited", retryAfterMs: 9_000 }),
      bob: () => ({ end: "rateLimited", retryAfterMs: 7_000 }),
    });
    const error = await openai.chat.completions.create(chat).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 503, code: "no_capacity" });
    expect((error as APIError).headers?.get("retry-after")).toBe("7");
  });

  it("are an APIError in the middle of a stream that breaks off and nobody can go on with", async () => {
    const openai = await client({ alice: () => ({ events: chatEvents(words).slice(0, 3), end: "failed" }) });
    const seen: string[] = [];
    const read = async () => {
      for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true }))
        seen.push(chunk.choices[0]?.delta.content ?? "");
    };
    await expect(read()).rejects.toBeInstanceOf(APIError);
    expect(seen.join("")).toBe("Hello there");
    expect(fixture.exchange.requests).toHaveLength(1);
  });

  const delta = (fields: object, finish_reason: string | null = null) => ({ choices: [{ index: 0, delta: fields, finish_reason }] });

  it("regression: an answer of thoughts alone was 502 and the miner's fault; it is an answer", async () => {
    const openai = await client({ alice: () => ({ events: [delta({ reasoning: "hm" }), delta({}, "length")] }) });
    const answer = await openai.chat.completions.create(chat);
    expect(answer.choices[0]).toMatchObject({
      finish_reason: "length",
      message: { content: "", reasoning: "hm", reasoning_content: "hm" },
    });
    expect(answer.usage?.completion_tokens).toBe(1);
    expect(fixture.exchange.results).toMatchObject([{ outcome: "ok" }]);
  });

  it("regression: a filtered answer was 502; the user is told that it was filtered", async () => {
    const openai = await client({ alice: () => ({ events: [delta({}, "content_filter")] }) });
    const answer = await openai.chat.completions.create(chat);
    expect(answer.choices[0]).toMatchObject({ finish_reason: "content_filter", message: { content: "" } });
  });

  it("regression: parallel tool calls that a server numbers all 0 were one call of invalid JSON", async () => {
    const call = (id: string, city: string) => ({
      index: 0,
      id,
      type: "function",
      function: { name: "weather", arguments: `{"city":"${city}"}` },
    });
    const events = [delta({ tool_calls: [call("a", "Rome")] }), delta({ tool_calls: [call("b", "Oslo")] }), delta({}, "stop")];
    const openai = await client({ alice: () => ({ events }) });
    const stream = openai.chat.completions.stream(chat);
    const final = await stream.finalChatCompletion();
    const message = final.choices[0]?.message;
    expect(message?.tool_calls?.map((each) => ("function" in each ? JSON.parse(each.function.arguments) : null))).toEqual([
      { city: "Rome" },
      { city: "Oslo" },
    ]);
    expect(final.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("regression: tiny tasks ignored tools; what a task cannot do is refused with the field's name", async () => {
    const openai = await client({ alice: chatMiner });
    const tools = [{ type: "function" as const, function: { name: "f", parameters: {} } }];
    const refused = await openai.chat.completions.create({ ...chat, tools }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BadRequestError);
    expect(refused).toMatchObject({ code: "unsupported", param: "tools" });
    expect(fixture.exchange.requests).toEqual([]);
  });
});
