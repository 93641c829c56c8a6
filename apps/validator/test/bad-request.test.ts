import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { tiny } from "@vision/sdk/backends";
import { ready } from "@vision/signing";
import { createEmbeddedPromptCounter } from "../src/adapters/prompt-counter-embedded.js";
import type { PromptCounter } from "../src/ports/index.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { type RealGateway, startRealGateway } from "./fixtures/start-real-gateway.js";

let gateway: RealGateway | undefined;
afterEach(() => gateway?.close());
beforeAll(() => ready());

async function start(promptCounter: PromptCounter) {
  gateway = await startRealGateway([tiny(), tiny(), tiny(), tiny()], { promptCounter });
  const { post, results } = gateway;
  const ask = async (content: string) => {
    const response = await post("/v1/chat/completions", {
      ...{ model: "chat-tiny", messages: [{ role: "user", content }], max_tokens: 16, temperature: 0 },
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  return { ask, results };
}

// Few characters, many tokens: far above the context, and below it by four characters a token.
const tooLong = "日本語".repeat(160);

describe("regression: one user's bad request was charged to every miner it was tried on", () => {
  it("is refused before any miner is asked where the tokenizer is known", async () => {
    const { ask, results } = await start(createEmbeddedPromptCounter({ logger: recordingLogger() }));
    expect(await ask(tooLong)).toMatchObject({ status: 400, body: { error: { code: "context_length_exceeded" } } });
    expect(results).toEqual([]);
    const { status, body } = await ask("What is the capital of Italy?");
    expect({ status, body }).toMatchObject({ status: 200, body: { choices: [{ message: { content: expect.stringContaining("Rome") } }] } });
    expect(results).toMatchObject([{ outcome: "ok" }]);
  });

  it("costs no miner anything, and tells the user why, where the tokenizer is not known", async () => {
    const { ask, results } = await start({ count: async () => ({ kind: "unknown" }), textOf: async () => ({ kind: "unknown" }) });
    expect(await ask(tooLong)).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_request", message: expect.stringMatching(/context|tokens/) } },
    });
    expect(results.map(({ outcome, blame }) => ({ outcome, blame }))).toEqual([
      { outcome: "failed", blame: "nobody" },
      { outcome: "failed", blame: "nobody" },
    ]);
  });
});
