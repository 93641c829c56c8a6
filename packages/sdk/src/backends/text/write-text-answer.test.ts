import { describe, expect, it } from "@jest/globals";
import { chatCompletions, completions } from "@vision/protocol";
import type { BackendPart } from "../inference-backend.js";
import type { GeneratedToken } from "./generated-token.js";
import { chatFormat, completionFormat } from "./text-format.js";
import { type TextAnswerOptions, writeTextAnswer } from "./write-text-answer.js";

function token(bytes: string | readonly number[], options: Partial<GeneratedToken> = {}): GeneratedToken {
  const raw = typeof bytes === "string" ? new TextEncoder().encode(bytes) : Uint8Array.from(bytes);
  return { bytes: raw, text: new TextDecoder().decode(raw), logprob: -0.25, topLogprobs: [], isEnd: false, ...options };
}

const end = token("<|im_end|>", { isEnd: true, logprob: -0.01 });

const chatStream: TextAnswerOptions = {
  format: chatFormat,
  id: "chatcmpl-1",
  createdSeconds: 1_700_000_000,
  model: "some-model",
  promptTokens: 5,
  stop: [],
  hasLogprobs: true,
  hasUsage: false,
  isStream: true,
};

async function* from(tokens: readonly GeneratedToken[]) {
  yield* tokens;
}

async function write(tokens: readonly GeneratedToken[], options: TextAnswerOptions) {
  const parts: BackendPart[] = [];
  for await (const part of writeTextAnswer(from(tokens), options)) parts.push(part);
  return parts.map((part) => JSON.parse(part.kind === "event" ? part.data : part.body));
}

describe("writeTextAnswer", () => {
  it("writes OpenAI's chat chunks: role first, one delta a token, an empty delta with the finish reason and the ending token", async () => {
    const events = await write([token("Hi"), token(" you"), end], chatStream);
    expect(events.map((event) => event.choices[0].delta)).toEqual([
      { role: "assistant", content: "" },
      { content: "Hi" },
      { content: " you" },
      {},
    ]);
    expect(events.map((event) => event.choices[0].finish_reason)).toEqual([null, null, null, "stop"]);
    expect(events[3].choices[0].logprobs.content).toEqual([
      { token: "<|im_end|>", logprob: -0.01, bytes: [...new TextEncoder().encode("<|im_end|>")], top_logprobs: [] },
    ]);
    expect(events[0]).toMatchObject({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_700_000_000, model: "some-model" });
    expect(events[0]).not.toHaveProperty("usage");
  });

  it("ends with the usage when asked to, as OpenAI does: null in every event, then alone", async () => {
    const events = await write([token("Hi"), end], { ...chatStream, hasUsage: true });
    expect(events.slice(0, -1).every((event) => event.usage === null)).toBe(true);
    expect(events.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } });
  });

  it("says length when the tokens run out", async () => {
    const events = await write([token("Hi")], chatStream);
    expect(events.at(-1).choices[0]).toMatchObject({ finish_reason: "length", delta: {}, logprobs: null });
  });

  it("cuts text at whole characters but reports every token's own bytes", async () => {
    const [first, second, third, fourth] = new TextEncoder().encode("😀") as unknown as [number, number, number, number];
    const events = await write([token("a"), token([first, second]), token([third, fourth]), end], chatStream);
    expect(events.map((event) => event.choices[0].delta.content ?? "").join("")).toBe("a😀");
    expect(events[2].choices[0].delta.content).toBe("");
    expect(events[2].choices[0].logprobs.content[0].bytes).toEqual([first, second]);
  });

  it("leaves a stop sequence out of the text but keeps its tokens, and reads no further", async () => {
    let isReturned = false;
    async function* endless() {
      try {
        for (const text of ["one", " S", "TOP", " two"]) yield token(text);
      } finally {
        isReturned = true;
      }
    }
    const parts: BackendPart[] = [];
    for await (const part of writeTextAnswer(endless(), { ...chatStream, stop: ["STOP"], isStream: false })) parts.push(part);
    const body = JSON.parse(parts[0]?.kind === "body" ? parts[0].body : "{}");
    expect(body.choices[0].message.content).toBe("one ");
    expect(body.choices[0].finish_reason).toBe("stop");
    expect(body.choices[0].logprobs.content.map((entry: { token: string }) => entry.token)).toEqual(["one", " S", "TOP"]);
    expect(isReturned).toBe(true);
  });

  it("shows held-back text when the answer ends inside the beginning of a stop sequence", async () => {
    const [body] = await write([token("STO"), end], { ...chatStream, stop: ["STOP"], isStream: false });
    expect(body.choices[0].message.content).toBe("STO");
  });

  it("writes no logprobs when none are wanted", async () => {
    const [body] = await write([token("Hi"), end], { ...chatStream, hasLogprobs: false, isStream: false });
    expect(body.choices[0].logprobs).toBeNull();
    expect(body.usage.completion_tokens).toBe(2);
  });

  it("writes completions with token bytes and alternatives", async () => {
    const top = { bytes: new TextEncoder().encode("Yo"), text: "Yo", logprob: -2 };
    const [body] = await write([token("Hi", { topLogprobs: [top] }), end], { ...chatStream, format: completionFormat, isStream: false });
    expect(body).toMatchObject({ object: "text_completion" });
    expect(body.choices[0]).toEqual({
      index: 0,
      text: "Hi",
      logprobs: {
        tokens: ["Hi", "<|im_end|>"],
        token_logprobs: [-0.25, -0.01],
        top_logprobs: [{ Yo: -2 }, {}],
        token_bytes: [[...new TextEncoder().encode("Hi")], [...new TextEncoder().encode("<|im_end|>")]],
      },
      finish_reason: "stop",
    });
  });

  it("keeps logprobs within what JSON and the protocol allow", async () => {
    const [body] = await write([token("a", { logprob: Number.NEGATIVE_INFINITY }), token("b", { logprob: 1e-7 }), end], {
      ...chatStream,
      isStream: false,
    });
    expect(body.choices[0].logprobs.content.map((entry: { logprob: number }) => entry.logprob)).toEqual([-9999, 0, -0.01]);
  });

  it.each([
    ["chat", chatFormat, chatCompletions],
    ["completion", completionFormat, completions],
  ] as const)("is understood by the protocol's collector: %s", async (_name, format, family) => {
    const tokens = [token("Hi"), token(" you"), end];
    const request = { model: "m", messages: [{ role: "user" as const, content: "x" }], prompt: "x" };
    const streamed = family.createCollector(request);
    for (const event of await write(tokens, { ...chatStream, format, hasUsage: true }))
      expect(streamed.addEvent(event)).toMatchObject({ ok: true });
    const whole = family.createCollector(request);
    const [body] = await write(tokens, { ...chatStream, format, isStream: false });
    expect(whole.addBody(body)).toMatchObject({ ok: true });
    expect(streamed.finish()).toEqual(whole.finish());
    expect(whole.finish()).toMatchObject({ ok: true, answer: { text: "Hi you", finishReason: "stop" } });
  });
});
