import { describe, expect, it } from "@jest/globals";
import { type FamilyName, getFamily } from "./families.js";
import type { RequestBody } from "./family.js";

/** Presents events of a miner as the validator does: read once by the collector, written from its parts. */
function presenterOf(name: FamilyName, fields: RequestBody) {
  const family = getFamily(name);
  const request = { ...family.smallRequest("m"), ...fields };
  const collector = family.createCollector(family.normalise(request, { task: { id: "t" }, fallbackSeed: 1 }));
  const presenter = family.createPresenter({ id: "chatcmpl-id", createdSeconds: 1, model: "m", choiceIndex: 0, request });
  return {
    /** What a user gets of an event; the reason where it is refused. */
    addEvent(event: unknown) {
      const added = collector.addEvent(event);
      if (!added.ok) return added.reason;
      const presented = presenter.addParts(added.parts);
      return presented === null ? null : { value: JSON.parse(presented.json) as unknown, hasContent: presented.hasContent };
    },
    body() {
      const finished = collector.finish();
      if (!finished.ok) throw new Error(finished.reason);
      return presenter.body([presenter.choice(finished.answer)], { promptTokens: 1, completionTokens: 1 });
    },
  };
}

const stream = { stream: true };
const chat = (fields: RequestBody = stream) => presenterOf("chat-completions", { max_tokens: 100, ...fields });
const completion = (fields: RequestBody = stream) => presenterOf("completions", { max_tokens: 100, ...fields });
const choice = (fields: unknown) => ({ choices: [fields], secret: 1 });
const said = (...deltas: readonly object[]) => deltas.map((delta) => choice({ index: 0, delta, finish_reason: null }));
const ended = (reason = "stop") => choice({ index: 0, delta: {}, finish_reason: reason });

describe("regression: whatever a miner put into a delta reached the user", () => {
  it("shows the known fields of a delta and no others", () => {
    const call = { index: 0, id: "call", type: "function", function: { name: "f", arguments: "{", secret: 1 }, secret: 1 };
    const delta = { role: "system", content: "a", refusal: "b", reasoning_content: "c", tool_calls: [call], audio: "secret", secret: 1 };
    const presented = chat().addEvent(choice({ index: 5, delta, finish_reason: "secret", secret: 1 }));
    expect(presented).toEqual({
      hasContent: true,
      value: {
        ...{ id: "chatcmpl-id", object: "chat.completion.chunk", created: 1, model: "m" },
        choices: [
          {
            index: 0,
            delta: {
              ...{ role: "assistant", content: "a", refusal: "b", reasoning_content: "c", reasoning: "c" },
              tool_calls: [{ index: 0, id: "call", type: "function", function: { name: "f", arguments: "{" } }],
            },
            logprobs: null,
            finish_reason: "tool_calls",
          },
        ],
      },
    });
  });

  it("shows the known fields of logprobs and alternatives and no others", () => {
    const entry = { token: "a", logprob: -1, bytes: [97], secret: 1, top_logprobs: [{ token: "b", logprob: -2, secret: 1 }] };
    const presented = chat({ stream: true, logprobs: true, top_logprobs: 1 }).addEvent(
      choice({ delta: { content: "a" }, logprobs: { content: [entry], secret: 1 } }),
    );
    expect(presented).toMatchObject({
      value: {
        choices: [
          {
            logprobs: {
              content: [{ token: "a", logprob: -1, bytes: [97], top_logprobs: [{ token: "b", logprob: -2, bytes: null }] }],
              refusal: null,
            },
          },
        ],
      },
    });
    expect(JSON.stringify(presented)).not.toContain("secret");
    const logprobs = { tokens: ["a"], token_logprobs: [-1], top_logprobs: [{ a: -1, b: -2 }], secret: 1 };
    const text = completion({ stream: true, logprobs: 2 }).addEvent(choice({ text: "a", logprobs, finish_reason: "secret" }));
    expect(text).toMatchObject({ value: { choices: [{ logprobs: { top_logprobs: [{ a: -1, b: -2 }] }, finish_reason: "stop" }] } });
    expect(JSON.stringify(text)).not.toContain("secret");
  });

  it("takes fields of another shape for the miner's failure", () => {
    const chats = [
      { delta: { tool_calls: [[[[]]]] } },
      { delta: { tool_calls: [{ index: -1 }] } },
      { delta: { refusal: { secret: 1 } } },
      { delta: {}, logprobs: { content: [{ token: "a", logprob: -1, top_logprobs: [{ token: "b", logprob: "low" }] }] } },
    ];
    for (const each of chats) {
      expect({ each, refused: chat({ logprobs: true, top_logprobs: 1 }).addEvent(choice(each)) }).toEqual({
        each,
        refused: expect.stringMatching(/^not a chat.completion.chunk: \S+ is not valid$/),
      });
    }
    const logprobs = { tokens: ["a"], token_logprobs: [-1], top_logprobs: [{ a: { secret: 1 } }] };
    expect(completion({ logprobs: 2 }).addEvent(choice({ text: "a", logprobs }))).toBe("not a text_completion: logprobs is not valid");
  });

  it("keeps refusal and thoughts of an answer in one body", () => {
    const presenter = chat({});
    presenter.addEvent(choice({ delta: { reasoning_content: "hm" } }));
    presenter.addEvent(choice({ delta: { refusal: "no" }, finish_reason: "stop" }));
    const message = { content: null, refusal: "no", reasoning_content: "hm", reasoning: "hm" };
    expect(presenter.body()).toMatchObject({ choices: [{ message }] });
  });
});

describe("what servers send otherwise than OpenAI does", () => {
  it("regression: a stream whose first chunk had no role began without one; it has it once", () => {
    const presenter = chat();
    const events = [...said({ content: "a" }, { role: "assistant", content: "b" }), ended()].map((event) => presenter.addEvent(event));
    expect(JSON.stringify(events).match(/"role":"assistant"/g)).toHaveLength(1);
    expect(events[0]).toMatchObject({ value: { choices: [{ delta: { role: "assistant", content: "a" } }] } });
  });

  it("regression: an empty finish_reason was shown as stop on every chunk", () => {
    const event = choice({ index: 0, delta: { content: "a" }, finish_reason: "" });
    expect(chat().addEvent(event)).toMatchObject({ value: { choices: [{ finish_reason: null }] } });
  });

  it("regression: thoughts in the newer spelling were dropped; both spellings are kept", () => {
    for (const field of ["reasoning", "reasoning_content"]) {
      expect(chat().addEvent(said({ [field]: "hm" })[0])).toMatchObject({
        hasContent: true,
        value: { choices: [{ delta: { reasoning: "hm", reasoning_content: "hm" } }] },
      });
    }
  });

  const call = (name: string, text: string, more: object = {}) => ({ function: { name, arguments: text }, type: "function", ...more });
  it.each([
    ["the same index and other ids", [[call("a", "{}", { index: 0, id: "1" })], [call("b", "[]", { index: 0, id: "2" })]]],
    ["no index", [[call("a", "{}", { id: "1" })], [call("b", "[]", { id: "2" })]]],
    ["neither index nor id", [[call("a", "{}"), call("b", "[]")]]],
    ["the same index and no id", [[call("a", "{}", { index: 0 })], [call("b", "[]", { index: 0 })]]],
    [
      "pieces of arguments",
      [[call("a", "{", { index: 0, id: "1" })], [{ index: 0, function: { arguments: "}" } }], [call("b", "[]", { index: 1, id: "2" })]],
    ],
    ["pieces without index", [[call("a", "{", { id: "1" })], [{ function: { arguments: "}" } }], [call("b", "[]", { id: "2" })]]],
  ])("regression: parallel tool calls with %s were merged into one", (_name, pieces) => {
    const streamed = chat({ tools: [] });
    const whole = chat({ stream: false, tools: [] });
    for (const presenter of [streamed, whole]) {
      for (const tool_calls of pieces) presenter.addEvent(said({ tool_calls })[0]);
      presenter.addEvent(ended("stop"));
    }
    expect(whole.body()).toMatchObject({
      choices: [
        {
          finish_reason: "tool_calls",
          message: {
            content: null,
            tool_calls: [
              { id: expect.stringMatching(/./), type: "function", function: { name: "a", arguments: "{}" } },
              { id: expect.stringMatching(/./), type: "function", function: { name: "b", arguments: "[]" } },
            ],
          },
        },
      ],
    });
  });

  it("regression: tool calls without an id had none; each gets one of its own, the same streamed or not", () => {
    const event = said({ tool_calls: [call("a", "{}"), call("b", "{}")] })[0];
    expect(chat().addEvent(event)).toMatchObject({
      value: {
        choices: [
          {
            delta: {
              tool_calls: [
                { index: 0, id: "call_id_0_0" },
                { index: 1, id: "call_id_0_1" },
              ],
            },
          },
        ],
      },
    });
  });

  it("regression: users saw <|im_end|> among the logprobs of their answers", () => {
    const entry = (token: string) => ({ token, logprob: -1 });
    const last = choice({ index: 0, delta: { content: "" }, logprobs: { content: [entry("<|im_end|>")] }, finish_reason: "stop" });
    const presenter = chat({ logprobs: true, top_logprobs: 0 });
    presenter.addEvent(choice({ index: 0, delta: { content: "a" }, logprobs: { content: [entry("a")] } }));
    presenter.addEvent(last);
    expect(presenter.body()).toMatchObject({ choices: [{ logprobs: { content: [{ token: "a" }] } }] });
    const asText = choice({ index: 0, delta: { content: "<|x|>" }, logprobs: { content: [entry("<|x|>")] } });
    expect(chat({ stream: true, logprobs: true }).addEvent(asText)).toMatchObject({
      value: { choices: [{ logprobs: { content: [{ token: "<|x|>" }] } }] },
    });
  });

  it("regression: a complete answer was lost over its trailer: usage without choices, null counts, a ping", () => {
    const presenter = chat({});
    presenter.addEvent(said({ content: "a" })[0]);
    presenter.addEvent(ended());
    for (const trailer of [
      { usage: { prompt_tokens: 3 } },
      { choices: [], usage: { prompt_tokens: null, total_tokens: null } },
      { type: "ping" },
    ]) {
      expect({ trailer, presented: presenter.addEvent(trailer) }).toEqual({ trailer, presented: null });
    }
    expect(presenter.body()).toMatchObject({ choices: [{ message: { content: "a" } }] });
  });
});
