import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, describe, expect, it } from "@jest/globals";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { ableRegistry, chatChunk } from "../testing/chat-answers.js";
import { chatEvents, completionEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

const words = ["Hello", " there"];
const greeting: FakeMiner = () => ({ events: chatEvents(words) });

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function client(miner: FakeMiner) {
  fixture = await startGateway({ alice: miner }, { registry: ableRegistry });
  return createOpenAI({ baseURL: `${fixture.url}/v1`, apiKey: await fixture.addKey() });
}
const asked = () => fixture.exchange.requests.map(({ request }) => request);

describe("the Vercel AI SDK", () => {
  it.each(["responses", "chat"] as const)("generates and streams text with its OpenAI provider: %s", async (api) => {
    const openai = await client(greeting);
    const model = openai[api]("chat-tiny");
    const whole = await generateText({ model, prompt: "Say hello", maxRetries: 0 });
    expect(whole).toMatchObject({ text: "Hello there", finishReason: "stop", usage: { inputTokens: 9, outputTokens: 2 } });
    const stream = streamText({ model, prompt: "Say hello", maxRetries: 0 });
    const pieces: string[] = [];
    for await (const piece of stream.textStream) pieces.push(piece);
    expect(pieces).toEqual(words);
    expect(await stream.usage).toMatchObject({ inputTokens: 9, outputTokens: 2 });
  });

  it("calls tools and goes on with their results, by the API that is its default", async () => {
    const openai = await client(({ request }) => ({
      events:
        (request["messages"] as readonly unknown[]).length === 1
          ? [
              chatChunk({
                role: "assistant",
                tool_calls: [{ index: 0, id: "call_a", type: "function", function: { name: "weather", arguments: "" } }],
              }),
              chatChunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":"Rome"}' } }] }),
              chatChunk({}, "tool_calls"),
            ]
          : chatEvents(["Sunny."]),
    }));
    const weather = tool({
      inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
      execute: async ({ city }) => `sunny in ${city}`,
    });
    const stream = streamText({
      ...{ model: openai("chat-tiny"), prompt: "How is Rome?", tools: { weather }, maxRetries: 0 },
      ...{ stopWhen: stepCountIs(3), providerOptions: { openai: { store: false } } },
    });
    expect(await stream.text).toBe("Sunny.");
    expect(asked()[1]?.["messages"]).toEqual([
      { role: "user", content: "How is Rome?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "call_a", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } }],
      },
      { role: "tool", tool_call_id: "call_a", content: "sunny in Rome" },
    ]);
  });

  it("shows thoughts, of a model whose name it takes for one that thinks", async () => {
    const openai = await client(() => ({
      events: [chatChunk({ role: "assistant", reasoning_content: "Hm." }), chatChunk({ content: "Four" }), chatChunk({}, "stop")],
    }));
    const providerOptions = { openai: { reasoningSummary: "auto" } };
    const answer = await generateText({ model: openai("o3-open"), prompt: "2 + 2?", providerOptions, maxRetries: 0 });
    expect([answer.reasoningText, answer.text]).toEqual(["Hm.", "Four"]);
  });

  it("raises errors with their words", async () => {
    const openai = await client(greeting);
    await expect(generateText({ model: openai("no-such-model"), prompt: "x", maxRetries: 0 })).rejects.toThrow(/does not exist/);
  });

  it("generates and streams with its provider for APIs like OpenAI's", async () => {
    await client(({ request }) => ({ events: request["prompt"] === undefined ? chatEvents(words) : completionEvents(["once", " upon"]) }));
    const apiKey = await fixture.addKey({ id: "compatible" });
    const vision = createOpenAICompatible({ name: "vision", baseURL: `${fixture.url}/v1`, apiKey, includeUsage: true });
    const whole = await generateText({ model: vision("chat-tiny"), prompt: "Say hello", maxRetries: 0 });
    expect(whole).toMatchObject({ text: "Hello there", finishReason: "stop", usage: { inputTokens: 9, outputTokens: 2 } });
    const stream = streamText({ model: vision("chat-tiny"), prompt: "Say hello", maxRetries: 0 });
    expect(await stream.text).toBe("Hello there");
    expect(await stream.usage).toMatchObject({ inputTokens: 9, outputTokens: 2 });
    const plain = await generateText({ model: vision.completionModel("completion-tiny"), prompt: "Tell me", maxRetries: 0 });
    expect(plain.text).toBe("once upon");
  });
});
