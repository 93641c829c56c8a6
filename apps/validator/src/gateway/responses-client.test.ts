import { afterEach, describe, expect, it } from "@jest/globals";
import OpenAI, { APIError, BadRequestError } from "openai";
import type { ResponseCreateParamsNonStreaming, ResponseStreamEvent } from "openai/resources/responses/responses";
import { ableRegistry, callingMiner, chatChunk } from "../testing/chat-answers.js";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

const words = ["Hello", " there", ",", " world"];
const ask = { model: "chat-tiny", input: "Say hello", max_output_tokens: 20 };

const thinkingMiner: FakeMiner = () => ({
  events: [
    chatChunk({ role: "assistant", reasoning_content: "Hm, " }),
    chatChunk({ reasoning_content: "easy." }),
    chatChunk({ content: "Four" }),
    chatChunk({}, "stop"),
  ],
});

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function client(miner: FakeMiner): Promise<OpenAI> {
  fixture = await startGateway({ alice: miner }, { registry: ableRegistry });
  return new OpenAI({ baseURL: `${fixture.url}/v1`, apiKey: await fixture.addKey(), maxRetries: 0 });
}
const asked = () => fixture.exchange.requests[0]?.request;
const greeting: FakeMiner = () => ({ events: chatEvents(words) });

describe("the official OpenAI client's responses", () => {
  it("are whole answers with usage", async () => {
    const openai = await client(greeting);
    const response = await openai.responses.create({ ...ask, instructions: "Be kind.", temperature: 0, store: false });
    expect(response).toMatchObject({
      ...{ object: "response", status: "completed", model: "chat-tiny", instructions: "Be kind.", temperature: 0, store: false },
      ...{ output_text: "Hello there, world", incomplete_details: null, error: null },
      output: [{ type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "Hello there, world" }] }],
      usage: { input_tokens: 9, output_tokens: 4, total_tokens: 13 },
    });
    expect(response.id).toMatch(/^resp_[0-9a-f]{32}$/);
    expect(asked()).toMatchObject({
      messages: [
        { role: "system", content: "Be kind." },
        { role: "user", content: "Say hello" },
      ],
      ...{ max_completion_tokens: 20, temperature: 0 },
    });
    expect(Object.keys(asked() ?? {})).not.toEqual(expect.arrayContaining(["input"]));
  });

  it("stream as events that build the same answer up", async () => {
    const openai = await client(greeting);
    const events: ResponseStreamEvent[] = [];
    for await (const event of await openai.responses.create({ ...ask, stream: true })) events.push(event);
    expect(events.map(({ type }) => type)).toEqual([
      ...["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added"],
      ...words.map(() => "response.output_text.delta"),
      ...["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"],
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.at(-1)).toMatchObject({ response: { status: "completed", usage: { input_tokens: 9, output_tokens: 4 } } });
    expect(JSON.stringify(events)).not.toContain("miner-own");
  });

  it("work with the client's stream helper", async () => {
    const openai = await client(greeting);
    const deltas: string[] = [];
    const stream = openai.responses.stream(ask).on("response.output_text.delta", ({ delta }) => deltas.push(delta));
    const final = await stream.finalResponse();
    expect(deltas.join("")).toBe("Hello there, world");
    expect(final.output).toMatchObject([{ type: "message", content: [{ type: "output_text", text: "Hello there, world" }] }]);
  });

  it("list tokens when they are asked for", async () => {
    const openai = await client(greeting);
    const logprobs = { include: ["message.output_text.logprobs"] } satisfies Partial<ResponseCreateParamsNonStreaming>;
    const response = await openai.responses.create({ ...ask, ...logprobs });
    expect(response.output[0]).toMatchObject({
      content: [{ logprobs: words.map((token) => ({ token, logprob: -0.5, top_logprobs: [] })) }],
    });
    expect(asked()).toMatchObject({ logprobs: true });
  });

  it("say when the limit cut them", async () => {
    const openai = await client(() => ({ events: [chatChunk({ role: "assistant", content: "Once" }), chatChunk({}, "length")] }));
    expect(await openai.responses.create(ask)).toMatchObject({
      ...{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      output: [{ status: "incomplete" }],
    });
    const events: ResponseStreamEvent[] = [];
    for await (const event of await openai.responses.create({ ...ask, stream: true })) events.push(event);
    expect(events.at(-1)?.type).toBe("response.incomplete");
  });

  const tools = [
    { type: "function" as const, name: "weather", description: "Of a city.", parameters: { type: "object" }, strict: true },
    { type: "function" as const, name: "clock", parameters: { type: "object" }, strict: false },
  ];
  const called = [
    { type: "message", content: [{ type: "output_text", text: "Let me look." }] },
    { type: "function_call", call_id: "call_a", name: "weather", arguments: '{"city":"Rome"}', status: "completed" },
    { type: "function_call", call_id: "call_b", name: "clock", arguments: "{}", status: "completed" },
  ];

  it("call tools, also several at once whose pieces come in turns", async () => {
    const openai = await client(callingMiner);
    const response = await openai.responses.create({ ...ask, tools, tool_choice: { type: "function", name: "weather" } });
    expect(response.output).toMatchObject(called);
    expect(asked()).toMatchObject({
      tools: [
        { type: "function", function: { name: "weather", description: "Of a city.", parameters: { type: "object" }, strict: true } },
        { type: "function", function: { name: "clock" } },
      ],
      tool_choice: { type: "function", function: { name: "weather" } },
    });
    const stream = openai.responses.stream({ ...ask, tools });
    const snapshots = new Map<string, string>();
    stream.on("response.function_call_arguments.delta", ({ item_id: id, snapshot }) => snapshots.set(id, snapshot));
    expect((await stream.finalResponse()).output).toMatchObject(called);
    expect([...snapshots.values()]).toEqual(['{"city":"Rome"}', "{}"]);
  });

  it("take up a conversation with calls of tools, their outputs and pictures; thoughts are left out", async () => {
    const openai = await client(greeting);
    await openai.responses.create({
      model: "chat-tiny",
      input: [
        { role: "developer", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "input_text", text: "Where is this?" },
            { type: "input_image", image_url: "data:image/png;base64,AA==", detail: "low" },
          ],
        },
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] },
        {
          type: "message",
          id: "msg_1",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", text: "I look.", annotations: [] }],
        },
        { type: "function_call", call_id: "call_a", name: "weather", arguments: "{}" },
        { type: "function_call", call_id: "call_b", name: "clock", arguments: "{}" },
        { type: "function_call_output", call_id: "call_a", output: "Sunny" },
        { type: "function_call_output", call_id: "call_b", output: [{ type: "input_text", text: "Noon" }] },
      ],
    });
    const toolCall = (id: string, name: string) => ({ id, type: "function", function: { name, arguments: "{}" } });
    expect(asked()?.["messages"]).toEqual([
      { role: "developer", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "Where is this?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AA==", detail: "low" } },
        ],
      },
      { role: "assistant", content: "I look.", tool_calls: [toolCall("call_a", "weather"), toolCall("call_b", "clock")] },
      { role: "tool", tool_call_id: "call_a", content: "Sunny" },
      { role: "tool", tool_call_id: "call_b", content: "Noon" },
    ]);
  });

  it("show thoughts as they are, or in the summary's place where one is asked for", async () => {
    const openai = await client(thinkingMiner);
    expect((await openai.responses.create({ ...ask, reasoning: { effort: "low" } })).output).toMatchObject([
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Hm, easy." }] },
      { type: "message", content: [{ text: "Four" }] },
    ]);
    expect(asked()).toMatchObject({ reasoning_effort: "low" });
    const stream = openai.responses.stream({ ...ask, reasoning: { summary: "auto" } });
    const summary: string[] = [];
    stream.on("response.reasoning_summary_text.delta", ({ delta }) => summary.push(delta));
    const final = await stream.finalResponse();
    expect(summary.join("")).toBe("Hm, easy.");
    expect(final.output).toMatchObject([
      { type: "reasoning", summary: [{ type: "summary_text", text: "Hm, easy." }] },
      { type: "message", content: [{ text: "Four" }] },
    ]);
  });

  it("can be held to a format", async () => {
    const openai = await client(() => ({ events: [chatChunk({ role: "assistant", content: '{"a":1}' }), chatChunk({}, "stop")] }));
    const format = { type: "json_schema" as const, name: "thing", schema: { type: "object" }, strict: true };
    expect(await openai.responses.parse({ ...ask, text: { format } })).toMatchObject({ output_parsed: { a: 1 } });
    expect(asked()).toMatchObject({
      response_format: { type: "json_schema", json_schema: { name: "thing", schema: { type: "object" }, strict: true } },
    });
  });

  it.each([
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["conversation", { conversation: "conv_1" }],
    ["store", { store: true }],
    ["background", { background: true }],
    ["prompt", { prompt: { id: "p" } }],
    ["truncation", { truncation: "auto" }],
    ["max_tool_calls", { max_tool_calls: 3 }],
    ["tools[0].type", { tools: [{ type: "web_search" }] }],
    ["include[0]", { include: ["file_search_call.results"] }],
    ["input[0]", { input: [{ type: "item_reference", id: "msg_1" }] }],
    ["input[0].type", { input: [{ type: "computer_call" }] }],
    ["input[0].content[0].type", { input: [{ role: "user", content: [{ type: "input_file", file_id: "f" }] }] }],
    ["n", { n: 2 }],
  ])("refuse what is stateful or run elsewhere as unsupported: %s", async (param, changes) => {
    const openai = await client(greeting);
    const error = await openai.responses
      .create({ ...ask, ...changes } as ResponseCreateParamsNonStreaming)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ code: "unsupported", param });
    expect(fixture.exchange.requests).toHaveLength(0);
  });

  it.each([
    ["input", { input: 7 }],
    ["input[0].role", { input: [{ role: "nobody", content: "x" }] }],
    ["max_output_tokens", { max_output_tokens: 0 }],
    ["temperature", { temperature: 9 }],
  ])("name the field that is wrong: %s", async (param, changes) => {
    const openai = await client(greeting);
    const wrong = { ...ask, ...changes } as ResponseCreateParamsNonStreaming;
    const error = await openai.responses.create(wrong).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param });
  });

  it("raise an answer that breaks off, and go on to another miner before anything was sent", async () => {
    fixture = await startGateway({
      a: () => ({ events: chatEvents(words).slice(0, 1), end: "failed" }),
      b: () => ({ events: chatEvents(words).slice(0, 3), end: "failed" }),
    });
    const openai = new OpenAI({ baseURL: `${fixture.url}/v1`, apiKey: await fixture.addKey(), maxRetries: 0 });
    const deltas: string[] = [];
    const reading = (async () => {
      for await (const event of await openai.responses.create({ ...ask, stream: true })) {
        if (event.type === "response.output_text.delta") deltas.push(event.delta);
      }
    })();
    await expect(reading).rejects.toThrow(APIError);
    expect(deltas).toEqual(["Hello", " there"]);
    expect(fixture.exchange.requests.map(({ target }) => target.hotkey)).toEqual(["a", "b"]);
  });
});
