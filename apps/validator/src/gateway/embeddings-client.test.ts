import { afterEach, describe, expect, it } from "@jest/globals";
import { loadPromptEncoder } from "@vision/tiny";
import OpenAI, { BadRequestError } from "openai";
import { createEmbeddedPromptCounter } from "../adapters/prompt-counter-embedded.js";
import { embeddingMiner } from "../testing/embedding-miner.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { recordingLogger } from "../testing/recording-logger.js";

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function client(options: Parameters<typeof startGateway>[1] = {}): Promise<OpenAI> {
  fixture = await startGateway({ alice: embeddingMiner }, options);
  return new OpenAI({ baseURL: `${fixture.url}/v1`, apiKey: await fixture.addKey(), maxRetries: 0 });
}

describe("embeddings for the official OpenAI client", () => {
  it("gives one text's vector, which the client asks for in base64 and decodes", async () => {
    const openai = await client();
    const answer = await openai.embeddings.create({ model: "embedding-tiny", input: "a text" });
    expect(answer).toMatchObject({
      object: "list",
      model: "embedding-tiny",
      data: [{ object: "embedding", index: 0, embedding: [6, 0.5] }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
  });

  it("gives many texts' vectors in their order, as numbers where the client asks for them", async () => {
    const openai = await client();
    const answer = await openai.embeddings.create({
      model: "embedding-tiny",
      input: ["one", "three", ""].slice(0, 2),
      encoding_format: "float",
    });
    expect(answer.data.map(({ index, embedding }) => [index, embedding])).toEqual([
      [0, [3, 0.5]],
      [1, [5, 0.5]],
    ]);
  });

  it("takes token ids where the tokenizer is known: some clients send nothing else", async () => {
    const promptCounter = createEmbeddedPromptCounter({ logger: recordingLogger() });
    const openai = await client({ promptCounter });
    const { tokenizer } = await loadPromptEncoder("tiny-lm-q8_0");
    const input = ["hello", "once upon a time"].map((text) => tokenizer.encode(text));
    const answer = await openai.embeddings.create({ model: "embedding-tiny", input, encoding_format: "float" });
    expect(answer.data.map(({ index, embedding }) => [index, embedding[0]])).toEqual([
      [0, 5],
      [1, 16],
    ]);
  });

  it("refuses other lengths of vectors, no text and too many", async () => {
    const openai = await client();
    const ask = (more: object) => openai.embeddings.create({ model: "embedding-tiny", input: "x", ...more });
    await expect(ask({ dimensions: 64 })).rejects.toMatchObject({ constructor: BadRequestError, param: "dimensions", code: "unsupported" });
    await expect(ask({ input: [] })).rejects.toMatchObject({ constructor: BadRequestError, param: "input" });
    await expect(ask({ input: new Array(300).fill("x") })).rejects.toMatchObject({ constructor: BadRequestError, param: "input" });
  });
});
