import { describe, expect, it } from "@jest/globals";
import { families, getFamily } from "./families.js";

const chat = getFamily("chat-completions");
const completion = getFamily("completions");
const image = getFamily("image-generation");

const chatAsk = chat.smallRequest("m");
const completionAsk = completion.smallRequest("m");
const imageAsk = image.smallRequest("m");

const chatTools = [{ type: "function" as const, function: { name: "look" } }];
const chunk = (content: string | null, extra: object = {}) => ({ id: "c", choices: [{ index: 0, delta: { content }, ...extra }] });

describe("the rest of an answer", () => {
  const messages = [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
  ];
  const ask = { model: "m", messages, continue_final_message: true };
  const accepts = (body: object) => chat.requestSchema.safeParse(body).success;

  it("was refused by stock vLLM, which opens a new message by default: what goes to a miner says that none is opened", () => {
    const task = { id: "t", model: "m" };
    const normalised = chat.normalise(chat.requestSchema.parse(ask), { task, fallbackSeed: 1 });
    expect(normalised).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
    expect(chat.normalise(chat.requestSchema.parse(chatAsk), { task, fallbackSeed: 1 })).not.toHaveProperty("add_generation_prompt");
  });

  it("needs a beginning to go on from, and no new message", () => {
    expect(accepts(ask)).toBe(true);
    expect(accepts({ ...ask, add_generation_prompt: false })).toBe(true);
    expect(accepts({ ...ask, add_generation_prompt: true })).toBe(false);
    expect(accepts({ ...ask, messages: messages.slice(0, 1) })).toBe(false);
    expect(accepts({ ...ask, messages: [messages[0], { role: "assistant", content: "" }] })).toBe(false);
    expect(accepts({ model: "m", messages, add_generation_prompt: true })).toBe(true);
    expect(accepts({ model: "m", messages, add_generation_prompt: false })).toBe(false);
  });
});

describe("request schemas", () => {
  it("passes unknown fields through", () => {
    const parsed = chat.requestSchema.parse({ model: "m", messages: [{ role: "user", content: "hi", mood: "good" }], own: [{ a: 1 }] });
    expect(parsed).toMatchObject({ own: [{ a: 1 }], messages: [{ mood: "good" }] });
  });

  it.each([
    ["no messages", chat, { model: "m", messages: [] }],
    ["a wrong role", chat, { model: "m", messages: [{ role: "robot", content: "x" }] }],
    ["a temperature above 2", chat, { model: "m", messages: [{ role: "user", content: "x" }], temperature: 2.5 }],
    ["NaN", chat, { model: "m", messages: [{ role: "user", content: "x" }], temperature: Number.NaN }],
    ["max_tokens as text", chat, { model: "m", messages: [{ role: "user", content: "x" }], max_tokens: "5" }],
    ["seventeen answers at once", chat, { model: "m", messages: [{ role: "user", content: "x" }], n: 17 }],
    ["a seed that is no whole number", completion, { model: "m", prompt: "x", seed: 1.5 }],
    ["an endless output", completion, { model: "m", prompt: "x", max_tokens: 1e9 }],
    ["no prompt", completion, { model: "m" }],
    ["an image of 0 pixels", image, { model: "m", prompt: "x", size: "0x32" }],
    ["a huge image", image, { model: "m", prompt: "x", size: "9999x9999" }],
    ["too many steps", image, { model: "m", prompt: "x", steps: 100_000 }],
    ["an answer by URL", image, { model: "m", prompt: "x", response_format: "url" }],
  ])("refuses %s", (_name, family, body) => {
    expect(family.requestSchema.safeParse(body).success).toBe(false);
  });

  it("bounds the work of a request before it is made", () => {
    expect(chat.maxWorkUnits(chat.requestSchema.parse({ model: "m", messages: [{ role: "user", content: "x" }], max_tokens: 7 }))).toBe(7);
    expect(
      chat.maxWorkUnits(
        chat.requestSchema.parse({ model: "m", messages: [{ role: "user", content: "x" }], max_completion_tokens: 9, max_tokens: 7 }),
      ),
    ).toBe(9);
    expect(image.maxWorkUnits(image.requestSchema.parse({ model: "m", prompt: "x", steps: 6, n: 3 }))).toBe(18);
  });

  it.each(families.map((family) => [family.name, family]))("%s has a small request that fits its schema", (_name, family) => {
    if (typeof family === "string") throw new Error("not a family");
    const request = family.smallRequest("m");
    expect(family.requestSchema.parse(request)).toEqual(request);
    expect(family.maxWorkUnits(request)).toBeLessThanOrEqual(8);
  });

  it("has one path for each family", () => {
    expect(new Set(families.map((family) => family.path)).size).toBe(families.length);
  });
});

describe("chat collector", () => {
  it("makes one answer of many events, with the bytes of partial characters", () => {
    const collector = chat.createCollector(chatAsk);
    expect(collector.addEvent({ choices: [{ delta: { role: "assistant", content: "" } }] })).toEqual({
      ok: true,
      parts: [{ kind: "text", text: "" }],
    });
    expect(collector.hasContent()).toBe(false);
    expect(collector.addEvent(chunk("Hi", { logprobs: { content: [{ token: "Hi", logprob: -0.5, bytes: [72, 105] }] } }))).toMatchObject({
      ok: true,
    });
    expect(collector.hasContent()).toBe(true);
    expect(
      collector.addEvent(
        chunk("", { logprobs: { content: [{ token: "\uFFFD", logprob: -1, bytes: [240, 159] }] }, finish_reason: "stop" }),
      ),
    ).toMatchObject({ ok: true });
    expect(collector.finish()).toEqual({
      ok: true,
      answer: {
        kind: "text",
        text: "Hi",
        finishReason: "stop",
        tokens: [
          { bytes: [72, 105], text: "Hi", logprob: -0.5 },
          { bytes: [240, 159], text: "\uFFFD", logprob: -1 },
        ],
      },
    });
  });

  it("counts tokens that were claimed, or a quarter of the characters", () => {
    const body = { choices: [{ message: { role: "assistant", content: "12345678" }, finish_reason: "stop" }] };
    const collector = chat.createCollector(chatAsk);
    expect(collector.addBody(body)).toMatchObject({ ok: true });
    const result = collector.finish();
    expect(result.ok && chat.workUnits(chatAsk, result.answer)).toBe(2);
  });

  it("treats a stream that stops without a finish_reason as no answer", () => {
    const collector = chat.createCollector(chatAsk);
    collector.addEvent(chunk("Hi"));
    expect(collector.finish()).toEqual({ ok: false, reason: "the answer ended without a finish_reason" });
  });

  it.each([
    ["a text", "Hi", "Hi", ""],
    [
      "a list of texts",
      [
        { type: "text", text: "H" },
        { type: "text", text: "i" },
      ],
      "Hi",
      "",
    ],
    [
      "thoughts beside a text",
      [
        { type: "thinking", thinking: [{ type: "text", text: "Hm" }] },
        { type: "text", text: "Hi" },
      ],
      "Hi",
      "Hm",
    ],
    ["thoughts as one text", [{ type: "thinking", thinking: "Hm" }], "", "Hm"],
    [
      "what else stands between",
      [
        { type: "reference", reference_ids: [1] },
        { type: "text", text: "Hi" },
      ],
      "Hi",
      "",
    ],
    ["nothing", [], "", ""],
  ])("regression: content as a list of parts was no answer: %s", (_name, content, text, thought) => {
    const parts = [...(thought === "" ? [] : [{ kind: "reasoning", text: thought }]), { kind: "text", text }];
    expect(chat.createCollector(chatAsk).addEvent({ choices: [{ delta: { content } }] })).toEqual({ ok: true, parts });
    const whole = chat.createCollector(chatAsk);
    expect(whole.addBody({ choices: [{ message: { content }, finish_reason: "stop" }] })).toMatchObject({ ok: true });
    expect(whole.finish()).toMatchObject({ ok: true, answer: { text } });
  });

  it.each([
    ["a number", 7],
    ["an object", { type: "text", text: "Hi" }],
    ["a list of texts without their type", ["Hi"]],
    ["a text part without text", [{ type: "text" }]],
    ["a thought that is none", [{ type: "thinking", thinking: 7 }]],
  ])("refuses %s for content", (_name, content) => {
    expect(chat.createCollector(chatAsk).addEvent({ choices: [{ delta: { content } }] })).toEqual({
      ok: false,
      reason: "not a chat.completion.chunk: delta.content is not valid",
    });
  });

  it("regression: an answer whose only finish_reason is an empty one, at its end, was no answer", () => {
    const said = (...events: readonly object[]) => {
      const collector = chat.createCollector({ ...chatAsk, max_tokens: 2, tools: chatTools });
      for (const event of events) expect(collector.addEvent(event)).toMatchObject({ ok: true });
      expect(collector.isComplete()).toBe(false);
      return collector.finish();
    };
    const end = chunk("", { finish_reason: "" });
    const usage = { choices: [], usage: { prompt_tokens: 3 } };
    const call = { choices: [{ delta: { tool_calls: [{ id: "a", function: { name: "l", arguments: "{}" } }] } }] };
    expect(said(chunk("Hi"), end, usage)).toMatchObject({ ok: true, answer: { text: "Hi", finishReason: "stop" } });
    expect(said(chunk("12345678"), end)).toMatchObject({ ok: true, answer: { finishReason: "length" } });
    expect(said(call, end)).toMatchObject({ ok: true, answer: { finishReason: "tool_calls" } });
    expect(said(end)).toMatchObject({ ok: false });
    expect(said(chunk("Hi", { finish_reason: "" }), chunk(" you"))).toMatchObject({ ok: false });
    const whole = completion.createCollector(completionAsk);
    whole.addBody({ choices: [{ text: "Hi", finish_reason: "" }] });
    expect(whole.finish()).toMatchObject({ ok: true, answer: { finishReason: "stop" } });
  });

  it.each([
    ["null", null],
    ["text", "hello"],
    ["an error body", { error: { message: "no" } }],
    ["an infinite logprob", chunk("a", { logprobs: { content: [{ token: "a", logprob: Number.POSITIVE_INFINITY }] } })],
    ["a positive logprob", chunk("a", { logprobs: { content: [{ token: "a", logprob: 3 }] } })],
  ])("names the reason for %s", (_name, event) => {
    expect(chat.createCollector(chatAsk).addEvent(event)).toEqual({
      ok: false,
      reason: expect.stringMatching(/^not a chat.completion.chunk/),
    });
  });
});

describe("completion collector", () => {
  it("pairs tokens, logprobs and bytes by position", () => {
    const collector = completion.createCollector(completionAsk);
    collector.addEvent({ choices: [{ text: "a", logprobs: { tokens: ["a"], token_logprobs: [-1], token_bytes: [[97]] } }] });
    collector.addEvent({ choices: [{ text: "é", logprobs: { tokens: ["é"], token_logprobs: [null] }, finish_reason: "length" }] });
    const result = collector.finish();
    expect(result).toEqual({
      ok: true,
      answer: {
        kind: "text",
        text: "aé",
        finishReason: "length",
        tokens: [
          { text: "a", bytes: [97], logprob: -1 },
          { text: "é", bytes: [195, 169], logprob: null },
        ],
      },
    });
  });
});

describe("image collector", () => {
  it("counts no more images than were asked for", () => {
    const collector = image.createCollector(imageAsk);
    expect(collector.addBody({ created: 1, data: [{ b64_json: "aGk=" }, { b64_json: "aGk=" }] })).toMatchObject({ ok: true });
    const result = collector.finish();
    expect(result.ok && image.workUnits(image.requestSchema.parse({ model: "m", prompt: "x", steps: 5 }), result.answer)).toBe(5);
  });

  it("refuses what is not base64", () => {
    expect(image.createCollector(imageAsk).addBody({ data: [{ b64_json: "%%%" }] })).toEqual({
      ok: false,
      reason: expect.stringMatching(/^not an image answer/),
    });
  });
});
