import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import { afterEach, describe, expect, it } from "@jest/globals";
import { changeRegistry } from "@vision/protocol";
import { ableRegistry, callingMiner, chatChunk } from "../testing/chat-answers.js";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

const words = ["Hello", " there", ",", " world"];
const ask = { model: "chat-tiny", max_tokens: 20, messages: [{ role: "user" as const, content: "Say hello" }] };

const greeting: FakeMiner = () => ({ events: chatEvents(words) });

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function client(miner: FakeMiner, key?: string): Promise<Anthropic> {
  fixture = await startGateway({ alice: miner }, { registry: ableRegistry });
  return new Anthropic({ baseURL: fixture.url, apiKey: key ?? (await fixture.addKey()), maxRetries: 0 });
}
const asked = () => fixture.exchange.requests[0]?.request;

describe("the official Anthropic client", () => {
  it("gets a message with usage", async () => {
    const anthropic = await client(greeting);
    const message = await anthropic.messages.create({
      ...ask,
      system: [{ type: "text", text: "Be kind.", cache_control: { type: "ephemeral" } }],
      ...{ temperature: 0, stop_sequences: ["END"], metadata: { user_id: "u" } },
    });
    expect(message).toMatchObject({
      ...{ type: "message", role: "assistant", model: "chat-tiny", stop_reason: "end_turn", stop_sequence: null },
      content: [{ type: "text", text: "Hello there, world" }],
      usage: { input_tokens: 9, output_tokens: 4 },
    });
    expect(message.id).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(asked()).toMatchObject({
      messages: [
        { role: "system", content: "Be kind." },
        { role: "user", content: "Say hello" },
      ],
      ...{ max_completion_tokens: 20, temperature: 0, stop: ["END"], user: "u" },
    });
  });

  it("streams it as events that build the same message up", async () => {
    const anthropic = await client(greeting);
    const types: string[] = [];
    for await (const event of await anthropic.messages.create({ ...ask, stream: true })) types.push(event.type);
    expect(types).toEqual([
      ...["message_start", "content_block_start", ...words.map(() => "content_block_delta"), "content_block_stop"],
      ...["message_delta", "message_stop"],
    ]);
    const pieces: string[] = [];
    const stream = anthropic.messages.stream(ask).on("text", (piece) => pieces.push(piece));
    expect(await stream.finalMessage()).toMatchObject({
      content: [{ type: "text", text: "Hello there, world" }],
      ...{ stop_reason: "end_turn", usage: { input_tokens: 9, output_tokens: 4 } },
    });
    expect(pieces).toEqual(words);
  });

  const tools = [{ name: "weather", description: "Of a city.", input_schema: { type: "object" as const } }];
  const called = [
    { type: "text", text: "Let me look." },
    { type: "tool_use", id: "call_a", name: "weather", input: { city: "Rome" } },
    { type: "tool_use", id: "call_b", name: "clock", input: {} },
  ];

  it("calls tools, whole and streamed one after the other", async () => {
    const anthropic = await client(callingMiner);
    const tool_choice = { type: "any" as const, disable_parallel_tool_use: true };
    const message = await anthropic.messages.create({ ...ask, tools, tool_choice });
    expect(message).toMatchObject({ content: called, stop_reason: "tool_use" });
    expect(asked()).toMatchObject({
      tools: [{ type: "function", function: { name: "weather", description: "Of a city.", parameters: { type: "object" } } }],
      ...{ tool_choice: "required", parallel_tool_calls: false },
    });
    const open = new Set<number>();
    let mostOpen = 0;
    const stream = anthropic.messages.stream({ ...ask, tools }).on("streamEvent", (event) => {
      if (event.type === "content_block_start") open.add(event.index);
      if (event.type === "content_block_stop") open.delete(event.index);
      mostOpen = Math.max(mostOpen, open.size);
    });
    expect(await stream.finalMessage()).toMatchObject({ content: called, stop_reason: "tool_use" });
    expect([mostOpen, open.size]).toEqual([1, 0]);
  });

  it("takes up a conversation with pictures, calls of tools and their results; thoughts are left out", async () => {
    const anthropic = await client(greeting);
    await anthropic.messages.create({
      ...{ ...ask, tool_choice: { type: "tool", name: "weather" }, tools, thinking: { type: "enabled", budget_tokens: 8_000 } },
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Where is this?" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Hm.", signature: "" },
            { type: "tool_use", id: "call_a", name: "weather", input: { city: "Rome" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_a", content: "No such city", is_error: true },
            { type: "text", text: "Go on." },
          ],
        },
      ],
    });
    expect(asked()).toMatchObject({ tool_choice: { type: "function", function: { name: "weather" } }, reasoning_effort: "medium" });
    expect(asked()?.["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Where is this?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
        ],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_a", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } }],
      },
      { role: "tool", tool_call_id: "call_a", content: "Error: No such city" },
      { role: "user", content: "Go on." },
    ]);
  });

  it("shows thoughts", async () => {
    const anthropic = await client(() => ({
      events: [chatChunk({ role: "assistant", reasoning_content: "Hm." }), chatChunk({ content: "Four" }), chatChunk({}, "length")],
    }));
    const expected = {
      content: [
        { type: "thinking", thinking: "Hm." },
        { type: "text", text: "Four" },
      ],
      stop_reason: "max_tokens",
    };
    expect(await anthropic.messages.create(ask)).toMatchObject(expected);
    expect(await anthropic.messages.stream(ask).finalMessage()).toMatchObject(expected);
  });

  const lastSaid = (content: unknown) => ({ messages: [...ask.messages, { role: "assistant", content }] }) as typeof ask;

  it.each([
    ["a text", "Hello"],
    [
      "blocks of text",
      [
        { type: "text", text: "Hel" },
        { type: "text", text: "lo" },
      ],
    ],
  ])("was refused an answer that it had begun: %s", async (_name, begun) => {
    const anthropic = await client(() => ({ events: chatEvents(words.slice(1)) }));
    const expected = { content: [{ type: "text", text: " there, world" }], stop_reason: "end_turn" };
    expect(await anthropic.messages.create({ ...ask, ...lastSaid(begun) })).toMatchObject(expected);
    expect(await anthropic.messages.stream({ ...ask, ...lastSaid(begun) }).finalMessage()).toMatchObject(expected);
    for (const { request } of fixture.exchange.requests) {
      expect(request).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
      expect(request["messages"]).toEqual([...ask.messages, { role: "assistant", content: "Hello" }]);
    }
  });

  it("is told where a task does not go on with an answer that it begins", async () => {
    const registry = changeRegistry(ableRegistry, { "chat-tiny": { capabilities: ["tools"] } });
    fixture = await startGateway({ alice: greeting }, { registry });
    const anthropic = new Anthropic({ baseURL: fixture.url, apiKey: await fixture.addKey(), maxRetries: 0 });
    const error = await anthropic.messages.create({ ...ask, ...lastSaid("Hello") }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(String(error)).toContain("chat-tiny takes no beginnings of an answer");
    expect(fixture.exchange.requests).toHaveLength(0);
  });

  it("gets errors of the kinds that it knows", async () => {
    const anthropic = await client(greeting);
    const failing = (changes: object, using = anthropic) =>
      using.messages.create({ ...ask, ...changes } as typeof ask).catch((error: unknown) => error);
    const kinds: readonly (readonly [unknown, new (...args: never[]) => Error, string])[] = [
      [
        await failing({}, new Anthropic({ baseURL: fixture.url, apiKey: "wrong", maxRetries: 0 })),
        AuthenticationError,
        "authentication_error",
      ],
      [await failing({ model: "no-such-model" }), NotFoundError, "not_found_error"],
      [await failing({ max_tokens: 0 }), BadRequestError, "invalid_request_error"],
      [await failing({ tools: [{ type: "bash_20250124", name: "bash" }] }), BadRequestError, "invalid_request_error"],
      [await failing(lastSaid([{ type: "tool_use", id: "a", name: "clock", input: {} }])), BadRequestError, "invalid_request_error"],
      [await failing(lastSaid([{ type: "text", text: "" }])), BadRequestError, "invalid_request_error"],
      [await failing(lastSaid("")), BadRequestError, "invalid_request_error"],
      [await failing(lastSaid([])), BadRequestError, "invalid_request_error"],
      [await failing({ mcp_servers: [{}] }), BadRequestError, "invalid_request_error"],
    ];
    for (const [error, kind, type] of kinds) {
      expect({ type, isKind: error instanceof kind }).toEqual({ type, isKind: true });
      expect(error).toMatchObject({ error: { type: "error", error: { type } } });
    }
    expect(fixture.exchange.requests).toHaveLength(0);
    fixture.setFree(0);
    const full = await failing({});
    expect([full instanceof InternalServerError, full]).toMatchObject([
      true,
      { status: 503, error: { error: { type: "overloaded_error" } } },
    ]);
    const slow = new Anthropic({ baseURL: fixture.url, apiKey: await fixture.addKey({ requestsPerMinute: 1 }), maxRetries: 0 });
    await failing({}, slow);
    expect(await failing({}, slow)).toBeInstanceOf(RateLimitError);
    // Asked once: its client obeys that it is of no use to ask again.
    const spent = new Anthropic({ baseURL: fixture.url, apiKey: await fixture.addKey({ monthlyUnits: 0 }) });
    const counted = () => fixture.metrics.values.get('gatewayRequestsTotal {"route":"/v1/messages","status":"429"}') ?? 0;
    const before = counted();
    expect(await failing({}, spent)).toMatchObject({ status: 429, error: { error: { type: "billing_error" } } });
    expect(counted()).toBe(before + 1);
  });

  it("raises an answer that breaks off", async () => {
    const anthropic = await client(() => ({ events: chatEvents(words).slice(0, 3), end: "failed" }));
    const pieces: string[] = [];
    const stream = anthropic.messages.stream(ask).on("text", (piece) => pieces.push(piece));
    const error = await stream.finalMessage().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(String(error)).toContain("broke off");
    expect(pieces).toEqual(["Hello", " there"]);
  });
});
