import { describe, expect, it } from "@jest/globals";
import { findJsonExcess } from "../json/find-json-excess.js";
import { families, getFamily } from "./families.js";

const chat = getFamily("chat-completions");
const completion = getFamily("completions");
const image = getFamily("image-generation");

describe("one reply that stopped the validator", () => {
  it("1.4 million keys beside a small picture are refused before they are parsed, at the first that is too many", () => {
    const limits = image.replyLimits({ model: "m", prompt: "x", size: "32x32" });
    expect(limits.bodyBytes).toBeLessThan(128 * 1024);
    const keys = Array.from({ length: 1_400_000 }, (_, index) => `"k${index}":0`).join(",");
    const text = `{"data":[{"b64_json":"aGk="}],${keys}}`;
    expect(findJsonExcess(text, { values: limits.values })).toBe("values");
    let looked = 0;
    const counted = {
      length: text.length,
      charCodeAt(index: number) {
        looked += 1;
        return text.charCodeAt(index);
      },
    };
    findJsonExcess(counted as unknown as string, { values: limits.values });
    expect(looked).toBeLessThan(limits.values * 16);
  });

  it("a picture takes the bytes that its size and number explain, and no more", () => {
    const bytesOf = (size: string, n: number) => image.replyLimits({ model: "m", prompt: "x", size, n }).bodyBytes;
    expect(bytesOf("512x512", 1)).toBeGreaterThan(512 * 512 * 4 * (4 / 3));
    expect(bytesOf("512x512", 4)).toBe(4 * bytesOf("512x512", 1));
    expect(bytesOf("4096x4096", 8)).toBe(16 * 1024 * 1024);
  });

  it("an event of 124,000 bad logprob entries overflowed the stack; it is refused at the first one", () => {
    const entries = Array.from({ length: 124_000 }, () => ({}));
    const event = { choices: [{ delta: { content: "a" }, logprobs: { content: entries } }] };
    const request = chat.smallRequest("m");
    expect(chat.createCollector(request).addEvent(event)).toEqual({
      ok: false,
      reason: "not a chat.completion.chunk: logprobs is not valid",
    });
    expect(findJsonExcess(JSON.stringify(event), { values: chat.replyLimits(request).values })).toBe("values");
  });

  it("every honest event and body of the tests' size is within its bounds, for every family", () => {
    for (const family of families) {
      const { values } = family.replyLimits(family.smallRequest("m"));
      expect({ name: family.name, isRoomy: values >= 512 }).toEqual({ name: family.name, isRoomy: true });
    }
    const alternatives = Array.from({ length: 20 }, () => ({ token: "abcdefgh", logprob: -1, bytes: [...Buffer.from("abcdefgh")] }));
    const entry = { token: "abcdefgh", logprob: -1, bytes: [...Buffer.from("abcdefgh")], top_logprobs: alternatives };
    const request = chat.requestSchema.parse({
      model: "m",
      messages: [{ role: "user", content: "x" }],
      max_tokens: 50,
      logprobs: true,
      top_logprobs: 20,
    });
    const body = { choices: [{ message: { content: "x" }, logprobs: { content: Array.from({ length: 50 }, () => entry) } }] };
    expect(findJsonExcess(JSON.stringify(body), { values: chat.replyLimits(request).values })).toBeNull();
  });

  it("a bias of 300,000 tokens is refused by its number, not entry by entry", () => {
    const bias = Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`x${index}`, "no number"]));
    const parsed = chat.requestSchema.safeParse({ model: "m", messages: [{ role: "user", content: "x" }], logit_bias: bias });
    expect(parsed.error?.issues).toHaveLength(1);
    expect(parsed.error?.issues[0]?.message).toMatch(/at most 1024/);
  });
});

describe("seeds as clients draw them", () => {
  it.each([-1, 2 ** 31, 2 ** 63, 4_294_967_295])("regression: %d was refused; it is folded into 31 bits", (seed) => {
    const parsed = chat.requestSchema.parse({ model: "m", messages: [{ role: "user", content: "x" }], seed });
    expect(parsed["seed"]).toBeGreaterThanOrEqual(0);
    expect(parsed["seed"]).toBeLessThan(2 ** 31);
  });
});

describe("prompts of completions", () => {
  it("regression: a list of one prompt was refused; it is that prompt", () => {
    expect(completion.requestSchema.parse({ model: "m", prompt: ["x"] })["prompt"]).toBe("x");
  });

  it.each([[["a", "b"]], [[1, 2, 3]], [[[1, 2]]], [[]]])("%j is refused in words", (prompt) => {
    expect(completion.requestSchema.safeParse({ model: "m", prompt }).error?.issues[0]?.message).toMatch(
      /^must be a text, a list of texts/,
    );
  });
});

describe("a request for several answers", () => {
  const single = { model: "m", max_tokens: 3 };
  it("is taken apart by prompt and n, in OpenAI's order, with seeds that count up", () => {
    const split = completion.split({ ...single, prompt: ["a", [1, 2]].slice(0, 1), n: 2, best_of: 2, seed: 9 });
    expect(split).toEqual([
      [
        { ...single, prompt: "a", n: 1, seed: 9 },
        { ...single, prompt: "a", n: 1, seed: 10 },
      ],
    ]);
    expect(
      completion
        .split({ ...single, prompt: [[1], [2, 3]] })
        .flat()
        .map(({ prompt }) => prompt),
    ).toEqual([[1], [2, 3]]);
    expect(
      completion
        .split({ ...single, prompt: [4, 5] })
        .flat()
        .map(completion.promptTokenIds),
    ).toEqual([[4, 5]]);
  });

  it("was copied with all its fields for each of thousands of prompts before it was refused: answers are counted without a copy", () => {
    const ownKeys = () => {
      throw new Error("its fields were looked through");
    };
    const prompt = Array<string>(20_000).fill("x");
    expect(completion.countAnswers(new Proxy({ ...single, prompt, n: 16 }, { ownKeys }))).toBe(320_000);
    for (const family of families)
      expect(family.countAnswers(family.smallRequest("m"))).toBe(family.split(family.smallRequest("m")).flat().length);
  });

  it.each([{ prompt: [] }, { prompt: ["a", 1] }, { prompt: "a", n: 0 }, { prompt: "a", n: "2" }, { prompt: "a", n: 1e9 }])(
    "%j is left as it is, for the schema to refuse",
    (fields) => {
      const body = { ...single, ...fields };
      expect(completion.split(body)[0]?.[0]).toEqual(body);
      expect(completion.requestSchema.safeParse(body).success).toBe(false);
    },
  );
});

describe("what a task cannot do", () => {
  const ask = (fields: object) => chat.requestSchema.parse({ model: "m", messages: [{ role: "user", content: "x" }], ...fields });
  const picture = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:x" } }] }] };
  it.each([
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["messages[0].content", picture],
    ["logit_bias", { logit_bias: { "1": 1 } }],
    ["messages[0]", { messages: [{ role: "tool", tool_call_id: "c", content: "7" }] }],
    ["top_p", { top_p: 0.5 }],
    ["top_k", { top_k: 5 }],
    ["min_p", { min_p: 0.1 }],
    ["frequency_penalty", { frequency_penalty: -1 }],
    ["presence_penalty", { presence_penalty: 1 }],
    ["repetition_penalty", { repetition_penalty: 1.1 }],
    ["min_tokens", { min_tokens: 3 }],
    ["ignore_eos", { ignore_eos: true }],
  ])("regression: tiny tasks accepted and ignored %s", (param, fields) => {
    expect(chat.findUnsupported(ask(fields), { id: "t", capabilities: [] })).toMatchObject({ param });
    expect(chat.findUnsupported(ask(fields), { id: "t" })).toBeNull();
    expect(
      chat.findUnsupported(ask({ response_format: { type: "text" }, tools: [], logit_bias: {} }), { id: "t", capabilities: [] }),
    ).toBeNull();
    const neutral = { top_p: 1, top_k: -1, min_p: 0, frequency_penalty: 0, presence_penalty: 0, repetition_penalty: 1, ignore_eos: false };
    expect(chat.findUnsupported(ask({ ...neutral, min_tokens: 0, modalities: ["text"] }), { id: "t", capabilities: [] })).toBeNull();
  });

  it.each([
    ["audio", { audio: { voice: "alloy", format: "wav" } }],
    ["modalities", { modalities: ["text", "audio"] }],
    ["web_search_options", { web_search_options: {} }],
  ])("regression: %s was passed on to models that can only ignore it", (param, fields) => {
    expect(chat.findUnsupported(ask(fields), { id: "t" })).toMatchObject({ param });
  });

  it("regression: tiny tasks ignored the suffix of a completion", () => {
    const request = completion.requestSchema.parse({ model: "m", prompt: "a", suffix: "b" });
    expect(completion.findUnsupported(request, { id: "t", capabilities: [] })).toMatchObject({ param: "suffix" });
  });

  it("a choice of tools without tools is refused in words; what clients send with every request is not", () => {
    const refused = chat.requestSchema.safeParse({ ...ask({}), tool_choice: "required" });
    expect(refused.error?.issues[0]).toMatchObject({ path: ["tool_choice"], message: "is only allowed with tools" });
    expect(chat.requestSchema.safeParse({ ...ask({}), tool_choice: "auto", tools: [] }).success).toBe(true);
  });

  it("legacy functions are refused wholly, in words", () => {
    const parsed = chat.requestSchema.safeParse({ ...ask({}), functions: [{ name: "f" }], function_call: "auto" });
    expect(parsed.error?.issues.map(({ path, message }) => [path.join("."), message])).toEqual([
      ["functions", "is not supported: use tools"],
      ["function_call", "is not supported: use tool_choice"],
    ]);
  });
});
