import { describe, expect, it } from "@jest/globals";
import { UnusableAnswerError } from "../../exchange/unusable-answer-error.js";
import { getPresenter } from "./index.js";

const identityOf = (request: unknown) => ({ id: "id", createdSeconds: 1, model: "m", request });
const chat = (request: Readonly<Record<string, unknown>> = {}) => getPresenter("chat-completions").create(identityOf(request));
const completion = (request: Readonly<Record<string, unknown>> = {}) => getPresenter("completions").create(identityOf(request));
const choice = (fields: unknown) => JSON.stringify({ choices: [fields], secret: 1 });

describe("regression: whatever a miner put into a delta reached the user", () => {
  it("shows the known fields of a delta and no others", () => {
    const call = { index: 0, id: "call", type: "function", function: { name: "f", arguments: "{", secret: 1 }, secret: 1 };
    const delta = { role: "system", content: "a", refusal: "b", reasoning_content: "c", tool_calls: [call], audio: "secret", secret: 1 };
    const presented = chat().addEvent(choice({ index: 5, delta, finish_reason: "secret", secret: 1 }));
    expect(presented).toEqual({
      hasContent: true,
      value: {
        ...{ id: "id", object: "chat.completion.chunk", created: 1, model: "m" },
        choices: [
          {
            index: 0,
            delta: {
              ...{ role: "assistant", content: "a", refusal: "b", reasoning_content: "c" },
              tool_calls: [{ index: 0, id: "call", type: "function", function: { name: "f", arguments: "{" } }],
            },
            logprobs: null,
            finish_reason: "stop",
          },
        ],
      },
    });
  });

  it("shows the known fields of logprobs and alternatives and no others", () => {
    const entry = { token: "a", logprob: -1, bytes: [97], secret: 1, top_logprobs: [{ token: "b", logprob: -2, secret: 1 }] };
    const presented = chat({ logprobs: true }).addEvent(choice({ delta: { content: "a" }, logprobs: { content: [entry], secret: 1 } }));
    expect(presented?.value).toMatchObject({
      choices: [
        {
          logprobs: {
            content: [{ token: "a", logprob: -1, bytes: [97], top_logprobs: [{ token: "b", logprob: -2, bytes: null }] }],
            refusal: null,
          },
        },
      ],
    });
    expect(JSON.stringify(presented)).not.toContain("secret");
    const logprobs = { tokens: ["a"], token_logprobs: [-1], top_logprobs: [{ a: -1, b: -2 }], secret: 1 };
    const text = completion({ logprobs: 2 }).addEvent(choice({ text: "a", logprobs, finish_reason: "secret" }));
    expect(text?.value).toMatchObject({ choices: [{ logprobs: { top_logprobs: [{ a: -1, b: -2 }] }, finish_reason: "stop" }] });
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
      let thrown: unknown = `nothing for ${JSON.stringify(each)}`;
      try {
        chat({ logprobs: true }).addEvent(choice(each));
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(UnusableAnswerError);
    }
    const logprobs = { tokens: ["a"], token_logprobs: [-1], top_logprobs: [{ a: { secret: 1 } }] };
    expect(() => completion({ logprobs: 2 }).addEvent(choice({ text: "a", logprobs }))).toThrow(UnusableAnswerError);
  });

  it("keeps refusal and thoughts of an answer in one body", () => {
    const presenter = chat();
    presenter.addEvent(choice({ delta: { reasoning_content: "hm" } }));
    presenter.addEvent(choice({ delta: { refusal: "no" }, finish_reason: "stop" }));
    const body = presenter.body({ kind: "text", text: "", tokens: [], finishReason: "stop" }, { promptTokens: 1, completionTokens: 1 });
    expect(body).toMatchObject({ choices: [{ message: { content: null, refusal: "no", reasoning_content: "hm" } }] });
  });
});
