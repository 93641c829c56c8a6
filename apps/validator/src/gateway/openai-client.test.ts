import { afterEach, describe, expect, it } from "@jest/globals";
import OpenAI, { APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "openai";
import { chatEvents, completionEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

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

  it("gets images", async () => {
    const openai = await client({ alice: imageMiner });
    const answer = await openai.images.generate({ model: "image-tiny", prompt: "a smile", response_format: "b64_json" });
    expect(answer.data).toEqual([{ b64_json: "iVBORw0KGgo=" }]);
    expect(answer.created).toBe(Math.floor(fixture.clock.nowMs() / 1000));
  });

  it("lists models and finds one", async () => {
    const openai = await client({ alice: chatMiner });
    expect((await openai.models.list()).data.map((model) => model.id)).toEqual(["chat-tiny", "completion-tiny", "image-tiny"]);
    expect(await openai.models.retrieve("chat-tiny")).toMatchObject({ id: "chat-tiny", object: "model", owned_by: "vision" });
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

  it("are an APIError in the middle of a stream that breaks off", async () => {
    const openai = await client({ alice: () => ({ events: chatEvents(words).slice(0, 3), end: "failed" }), bob: chatMiner });
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
