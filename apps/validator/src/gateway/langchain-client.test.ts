import { afterEach, describe, expect, it } from "@jest/globals";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI, OpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { ableRegistry, callingMiner } from "../testing/chat-answers.js";
import { embeddingMiner } from "../testing/embedding-miner.js";
import { chatEvents, completionEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

let fixture: GatewayFixture;
afterEach(() => fixture.close());

/** What every client of LangChain is given. */
async function place(miner: FakeMiner) {
  fixture = await startGateway({ alice: miner }, { registry: ableRegistry });
  const apiKey = await fixture.addKey();
  return { apiKey, maxRetries: 0, configuration: { baseURL: `${fixture.url}/v1` } };
}
const asked = () => fixture.exchange.requests.map(({ request }) => request);

const greeting: FakeMiner = () => ({ events: chatEvents(["Hello", " there"]) });
const weather = {
  type: "function" as const,
  function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
};

describe("LangChain", () => {
  it.each([false, true])("chats, whole and streamed, with usage; by the Responses API: %s", async (useResponsesApi) => {
    const chat = new ChatOpenAI({ model: "chat-tiny", useResponsesApi, ...(await place(greeting)) });
    const whole = await chat.invoke([new HumanMessage("Say hello")]);
    expect(whole.text).toBe("Hello there");
    expect(whole.usage_metadata).toMatchObject({ input_tokens: 9, output_tokens: 2, total_tokens: 11 });
    const [pieces, usages]: [string[], unknown[]] = [[], []];
    for await (const chunk of await chat.stream("Say hello")) {
      if (chunk.text !== "") pieces.push(chunk.text);
      if (chunk.usage_metadata !== undefined) usages.push(chunk.usage_metadata);
    }
    expect(pieces).toEqual(["Hello", " there"]);
    expect(usages).toMatchObject([{ output_tokens: 2 }]);
  });

  it("calls tools, and takes their results", async () => {
    const given = await place((request) => (asked().length === 1 ? callingMiner(request) : greeting(request)));
    const chat = new ChatOpenAI({ model: "chat-tiny", ...given }).bindTools([weather]);
    const question = new HumanMessage("How is Rome?");
    const call = await chat.invoke([question]);
    expect(call.tool_calls).toMatchObject([
      { id: "call_a", name: "weather", args: { city: "Rome" } },
      { id: "call_b", name: "clock", args: {} },
    ]);
    const results = ["call_a", "call_b"].map((id) => new ToolMessage({ tool_call_id: id, content: "sunny" }));
    expect((await chat.invoke([question, call, ...results])).text).toBe("Hello there");
    expect(asked()[1]?.["messages"]).toMatchObject([{ role: "user" }, { role: "assistant" }, { role: "tool" }, { role: "tool" }]);
  });

  it("completes, whole and streamed", async () => {
    const given = await place(({ request }) => ({ events: completionEvents([String(request["prompt"]), "!"]) }));
    const model = new OpenAI({ model: "completion-tiny", maxTokens: 20, ...given });
    expect(await model.invoke("one")).toBe("one!");
    const pieces: string[] = [];
    for await (const piece of await model.stream("two")) if (piece !== "") pieces.push(piece);
    expect(pieces).toEqual(["two", "!"]);
  });

  it("embeds", async () => {
    const embeddings = new OpenAIEmbeddings({ model: "embedding-tiny", ...(await place(embeddingMiner)) });
    expect(await embeddings.embedDocuments(["a", "abc"])).toEqual([
      [1, 0.5],
      [3, 0.5],
    ]);
  });

  it("raises errors with their words", async () => {
    const chat = new ChatOpenAI({ model: "gpt-9", ...(await place(greeting)) });
    await expect(chat.invoke("Say hello")).rejects.toThrow(/does not exist/);
  });
});
