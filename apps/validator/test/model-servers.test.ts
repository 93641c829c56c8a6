import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { changeRegistry, createRegistry } from "@vision/protocol";
import { openaiCompatible } from "@vision/sdk/backends";
import { ready } from "@vision/signing";
import OpenAI from "openai";
import { type ModelServer, startModelServer } from "./fixtures/start-model-server.js";
import { type RealGateway, startRealGateway } from "./fixtures/start-real-gateway.js";

const taskId = "chat-llama-3-1-8b";
const registry = changeRegistry(createRegistry(), { [taskId]: { isEnabled: true } });

let server: ModelServer;
let gateway: RealGateway;
let openai: OpenAI;
beforeAll(() => ready());
beforeEach(async () => {
  server = await startModelServer();
  gateway = await startRealGateway([openaiCompatible({ baseUrl: server.baseUrl })], { registry, taskId });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
});
afterEach(async () => {
  await gateway.close();
  await server.close();
});

const chat = { model: taskId, messages: [{ role: "user" as const, content: "Hello" }], max_tokens: 50 };
const tools = [{ type: "function" as const, function: { name: "weather", parameters: { type: "object", properties: {} } } }];
const delta = (fields: object, finish: string | null = null) => ({
  ...{ id: "x", object: "chat.completion.chunk", created: 1, model: "m" },
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const begin = event(delta({ role: "assistant", content: "" })) + event(delta({ content: "Hi" }));
const end = event(delta({}, "stop"));
const done = "data: [DONE]\n\n";

/** Both ways to ask for one answer. */
async function askBothWays(more: { readonly tools?: OpenAI.Chat.ChatCompletionTool[] } = {}) {
  const whole = await openai.chat.completions.create({ ...chat, ...more });
  const streamed = await openai.chat.completions.stream({ ...chat, ...more }).finalChatCompletion();
  return [whole.choices[0], streamed.choices[0]];
}

const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };

describe("regression: a complete answer was lost over how its server ends it, and its miner was blamed", () => {
  it.each([
    ["no [DONE]", begin + end],
    ["no [DONE] after the usage", begin + end + event({ ...delta({}), choices: [], usage })],
    ["[DONE] with a space after it", `${begin}${end}data: [DONE] \n\n`],
    ["an error of null in every event", [begin, end].join("").replaceAll('{"id"', '{"error":null,"id"') + done],
    ["usage without choices", begin + end + event({ id: "x", usage }) + done],
    ["usage of null counts", begin + end + event({ choices: [], usage: { prompt_tokens: null, completion_tokens: null } }) + done],
    ["pings by name", `event: ping\ndata: {"type":"ping"}\n\n${begin}event: ping\ndata: x\n\n${end}event: ping\ndata: {}\n\n${done}`],
    ["empty reasons for an end that is none", [begin, end].join("").replaceAll('"finish_reason":null', '"finish_reason":""') + done],
  ])("%s", async (_name, text) => {
    server.say({ text });
    for (const choice of await askBothWays()) expect(choice).toMatchObject({ message: { content: "Hi" }, finish_reason: "stop" });
    expect(gateway.results.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
  });

  it("while one that ends without a reason is no answer", async () => {
    server.say({ text: begin });
    await expect(openai.chat.completions.create(chat)).rejects.toMatchObject({ status: 502 });
  });

  it("and a stream's type may be written in capitals", async () => {
    server.say({ text: begin + end + done, headers: { "content-type": "Text/Event-Stream; charset=utf-8" } });
    for (const choice of await askBothWays()) expect(choice).toMatchObject({ message: { content: "Hi" } });
  });
});

describe("calls of tools", () => {
  const call = (fields: object) => event(delta({ tool_calls: [fields] }));
  const weather = (city: string) => ({ name: "weather", arguments: JSON.stringify({ city }) });

  it.each([
    ["without an index", call({ id: "a", function: weather("Rome") }) + call({ id: "b", function: weather("Oslo") })],
    ["all numbered 0", call({ index: 0, id: "a", function: weather("Rome") }) + call({ index: 0, id: "b", function: weather("Oslo") })],
    ["without ids, all numbered 0", call({ index: 0, function: weather("Rome") }) + call({ index: 0, function: weather("Oslo") })],
    ["with numbers for ids", call({ index: 0, id: 1, function: weather("Rome") }) + call({ index: 1, id: 2, function: weather("Oslo") })],
    [
      "with objects for arguments",
      call({ index: 0, id: "a", function: { name: "weather", arguments: { city: "Rome" } } }) +
        call({ index: 1, id: "b", function: { name: "weather", arguments: { city: "Oslo" } } }),
    ],
  ])("regression: %s were one call, none, or the miner's failure; they are two", async (_name, text) => {
    server.say({ text: text + event(delta({}, "stop")) + done });
    for (const choice of await askBothWays({ tools })) {
      const calls = choice?.message.tool_calls?.flatMap((each) => ("function" in each ? [each] : [])) ?? [];
      expect(calls.map((each) => JSON.parse(each.function.arguments) as unknown)).toEqual([{ city: "Rome" }, { city: "Oslo" }]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
      expect(choice?.finish_reason).toBe("tool_calls");
    }
  });

  it("regression: the older functions were half accepted; the client is told that they are not supported", async () => {
    const asked = openai.chat.completions.create({ ...chat, functions: [{ name: "weather", parameters: {} }], function_call: "auto" });
    await expect(asked).rejects.toMatchObject({ status: 400, code: "unsupported", param: "functions" });
    expect(server.requests).toEqual([]);
  });
});
