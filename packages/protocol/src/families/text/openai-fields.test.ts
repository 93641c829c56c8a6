import { describe, expect, it } from "@jest/globals";
import { getFamily } from "../families.js";

const chat = getFamily("chat-completions");
const completion = getFamily("completions");
const tool = { type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } };
const chatBody = (fields: object) => ({ model: "m", messages: [{ role: "user", content: "x" }], ...fields });
const longKeys = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"]));

describe("known fields of chat requests", () => {
  it.each([
    { tools: "all" },
    { tools: [{ a: 1 }] },
    { tools: [{ type: "function", function: { name: "no spaces" } }] },
    { tools: [{ type: "function", function: { name: "f", parameters: "object" } }] },
    { tool_choice: "always" },
    { tool_choice: { type: "function" } },
    { parallel_tool_calls: "yes" },
    { response_format: "json" },
    { response_format: { type: "xml" } },
    { response_format: { type: "json_schema" } },
    { logit_bias: [1, 2] },
    { logit_bias: { hello: 1 } },
    { logit_bias: { "50256": 101 } },
    { frequency_penalty: 2.1 },
    { presence_penalty: "0" },
    { top_k: 1.5 },
    { top_k: -2 },
    { min_p: 2 },
    { repetition_penalty: 0 },
    { metadata: { a: 1 } },
    { metadata: longKeys },
    { metadata: "x" },
    { store: 1 },
    { reasoning_effort: 3 },
    { modalities: "text" },
    { top_logprobs: 2 },
    { messages: [{ role: "user" }] },
    { messages: [{ role: "tool", content: "42" }] },
    { messages: [{ role: "user", content: [{ type: "text" }] }] },
    { messages: [{ role: "assistant", tool_calls: [{ id: 7 }] }] },
  ])("a user's mistake is refused here and not by a miner's model server: %j", (fields) => {
    expect(chat.requestSchema.safeParse(chatBody(fields)).success).toBe(false);
  });

  it.each([
    { tools: [tool], tool_choice: "auto", parallel_tool_calls: false },
    { tools: [tool], tool_choice: { type: "function", function: { name: "get_weather" } } },
    { response_format: { type: "json_object" } },
    { response_format: { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" }, strict: true } } },
    { logit_bias: { "50256": -100 }, frequency_penalty: -2, presence_penalty: 2 },
    { top_k: -1, min_p: 0.05, repetition_penalty: 1.1 },
    { metadata: { user: "7" }, store: false, service_tier: "auto", reasoning_effort: "low" },
    { logprobs: true, top_logprobs: 5 },
    { logprobs: false, top_logprobs: 0 },
    { tools: null, tool_choice: null, response_format: null, logit_bias: null, metadata: null, top_k: null },
    {
      messages: [
        { role: "user", content: "weather?" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "get_weather", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "c1", content: "sun" },
        {
          role: "user",
          content: [
            { type: "text", text: "and?" },
            { type: "image_url", image_url: { url: "data:x" } },
          ],
        },
      ],
    },
    { chat_template_kwargs: { enable_thinking: false }, guided_json: { any: [1] } },
  ])("what OpenAI documents, and what nobody knows, passes unchanged: %j", (fields) => {
    expect(chat.requestSchema.parse(chatBody(fields))).toEqual(chatBody(fields));
  });
});

describe("many entries", () => {
  it.each(["logit_bias", "metadata"])("of %s cost a second, each looked at before they were counted: they are counted first", (name) => {
    const entries = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`entry-${index}`, []]));
    const parsed = chat.requestSchema.safeParse(chatBody({ [name]: entries }));
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([[name]]);
  });
});

describe("known fields of completion requests", () => {
  it.each([{ best_of: 20 }, { suffix: 1 }, { logit_bias: { a: 1 } }, { frequency_penalty: 3 }, { top_k: "5" }])(
    "are checked: %j",
    (fields) => {
      expect(completion.requestSchema.safeParse({ model: "m", prompt: "x", ...fields }).success).toBe(false);
    },
  );
});

describe("stop sequences", () => {
  it("regression: an empty one was passed on, at which some engines refuse what others answer: an honest miner was to blame", () => {
    const sent = (stop: unknown) => {
      const request = chat.requestSchema.parse(chatBody({ stop }));
      return chat.normalise(request, { task: { id: "t" }, fallbackSeed: 1 })["stop"];
    };
    for (const stop of ["", [""], [], ["", ""], null, undefined]) expect([stop, sent(stop)]).toEqual([stop, undefined]);
    expect(sent("\n")).toBe("\n");
    expect(sent(["a", "", "b"])).toEqual(["a", "b"]);
    expect(chat.requestSchema.parse(chatBody({}))).toEqual(chatBody({}));
  });
});

describe("fields of engines that change what comes", () => {
  const engineFields: readonly (readonly [string, unknown, unknown])[] = [
    ["guided_json", { type: "object" }, null],
    ["guided_regex", "[a-z]+", ""],
    ["structured_outputs", { choice: ["a"] }, undefined],
    ["grammar", 'root ::= "a"', ""],
    ["json_schema", {}, null],
    ["allowed_token_ids", [1], []],
    ["stop_token_ids", [2], []],
    ["mirostat", 2, 0],
    ["repeat_penalty", 1.1, 1],
    ["use_beam_search", true, false],
  ];
  it.each(engineFields)("regression: tiny tasks ignored %s", (field, value, neutral) => {
    const capabilities = ["continuation"] as const;
    for (const [family, body] of [
      [chat, chatBody({})],
      [completion, { model: "m", prompt: "x" }],
    ] as const) {
      const tiny = { id: "some-tiny", capabilities };
      const asked = (given: unknown) => family.requestSchema.parse({ ...body, [field]: given });
      expect(family.findUnsupported(asked(value), tiny)).toMatchObject({
        param: field,
        message: expect.stringMatching(/^is not supported: some-tiny takes no /),
      });
      expect(family.findUnsupported(asked(neutral), tiny)).toBeNull();
      expect(family.findUnsupported(asked(value), { id: "some-real", capabilities: ["json", "sampling"] })).toBeNull();
    }
  });
});
