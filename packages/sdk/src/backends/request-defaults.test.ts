import { describe, expect, it } from "@jest/globals";
import { chatRequestSchema, completionRequestSchema } from "@vision/protocol";
import { chatSampling, completionSampling, requestDefaults } from "./request-defaults.js";

const chat = (fields: object) => chatRequestSchema.parse({ model: "m", messages: [{ role: "user", content: "Hi" }], ...fields });

describe("chatSampling", () => {
  it("takes OpenAI's defaults for what a request leaves out", () => {
    expect(chatSampling(chat({}), 99)).toMatchObject({
      maxTokens: requestDefaults.maxTokens,
      temperature: 1,
      seed: 99,
      topLogprobs: 0,
      stop: [],
      hasLogprobs: true,
      hasUsage: false,
    });
  });

  it("takes what the request says, zero included", () => {
    const request = chat({
      max_completion_tokens: 5,
      temperature: 0,
      seed: 0,
      logprobs: true,
      top_logprobs: 2,
      stop: "x",
      stream_options: { include_usage: true },
    });
    expect(chatSampling(request, 99)).toMatchObject({
      maxTokens: 5,
      temperature: 0,
      seed: 0,
      topLogprobs: 2,
      stop: ["x"],
      hasLogprobs: true,
      hasUsage: true,
    });
    expect(chatSampling(chat({ logprobs: false, stop: ["", "y"] }), 1)).toMatchObject({ hasLogprobs: false, stop: ["y"] });
  });
});

describe("completionSampling", () => {
  it("always reports logprobs, with as many alternatives as were asked for", () => {
    const request = completionRequestSchema.parse({ model: "m", prompt: "Hi", logprobs: 3 });
    expect(completionSampling(request, 1)).toMatchObject({ hasLogprobs: true, topLogprobs: 3 });
  });
});
