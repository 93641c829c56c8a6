import { describe, expect, it } from "@jest/globals";
import { chatCompletions, completions, embeddings, encodeVector } from "@vision/protocol";
import { normaliseAnswer } from "./normalise-answer.js";

const bytes = (text: string) => [...Buffer.from(text)];
const entry = (token: string, more: object = {}) => ({ token, logprob: -0.5, bytes: bytes(token), top_logprobs: [], ...more });
const chunk = (content: string, tokens: readonly object[], finishReason: string | null) => ({
  id: "c",
  choices: [{ index: 0, delta: { content }, logprobs: { content: tokens }, finish_reason: finishReason }],
});

/** What a validator collects of a chat stream. */
const collectChat = (events: readonly object[]) => {
  const collector = chatCompletions.createCollector({ model: "m", messages: [{ role: "user", content: "x" }] });
  for (const event of events)
    expect(collector.addEvent(JSON.parse(normaliseAnswer("chat-completions", JSON.stringify(event))))).toMatchObject({ ok: true });
  const result = collector.finish();
  if (!result.ok || result.answer.kind !== "text") throw new Error("no text");
  return result.answer;
};

describe("normaliseAnswer", () => {
  it("takes the name of an ending token for no text, as vLLM reports it", () => {
    for (const name of ["<|im_end|>", "<|eot_id|>", "</s>", "<end_of_turn>"]) {
      const answer = collectChat([chunk("Hi", [entry("Hi")], null), chunk("", [entry(name)], "stop")]);
      expect({ name, tokens: answer.tokens.map((token) => token.bytes) }).toEqual({ name, tokens: [bytes("Hi"), []] });
    }
  });

  it("leaves a name that is the text alone, and the tokens of a stop sequence", () => {
    const said = chunk("</s>", [entry("</s>")], "stop");
    expect(normaliseAnswer("chat-completions", JSON.stringify(said))).toBe(JSON.stringify(said));
    const stopped = chunk("", [entry("END")], "stop");
    expect(normaliseAnswer("chat-completions", JSON.stringify(stopped))).toBe(JSON.stringify(stopped));
  });

  it("writes vectors in base64 that a server sent as numbers, as llama.cpp, Ollama and TEI do whatever they are asked for", () => {
    const body = { object: "list", data: [{ object: "embedding", index: 0, embedding: [1, 0.5] }], usage: { prompt_tokens: 2 } };
    const collector = embeddings.createCollector({ model: "m", input: "x" });
    expect(collector.addBody(JSON.parse(normaliseAnswer("embeddings", JSON.stringify(body))))).toMatchObject({ ok: true });
    expect(collector.finish()).toEqual({ ok: true, answer: { kind: "vectors", vectorsBase64: [encodeVector([1, 0.5])] } });
    const right = JSON.stringify({ data: [{ index: 0, embedding: encodeVector([1]) }] });
    expect(normaliseAnswer("embeddings", right)).toBe(right);
  });

  it("reads llama.cpp's logprobs of a completion, which are in chat's shape", () => {
    const content = [entry("é", { id: 7, bytes: [0xc3], top_logprobs: [entry("a")] }), entry("<|endoftext|>", { id: 2 })];
    const logprobs = { content };
    const text = JSON.stringify({ choices: [{ index: 0, text: "é", logprobs, finish_reason: "stop" }] });
    const [choice] = JSON.parse(normaliseAnswer("completions", text)).choices;
    expect(choice.logprobs).toEqual({
      tokens: ["é", "<|endoftext|>"],
      token_logprobs: [-0.5, -0.5],
      top_logprobs: [{ a: -0.5 }, {}],
      token_bytes: [[0xc3], []],
    });
    expect(choice.token_ids).toEqual([7, 2]);
    const collector = completions.createCollector({ model: "m", prompt: "x" });
    expect(collector.addBody(JSON.parse(normaliseAnswer("completions", text)))).toMatchObject({ ok: true });
    expect(collector.finish()).toMatchObject({
      ok: true,
      answer: {
        tokens: [
          { id: 7, logprob: -0.5 },
          { id: 2, bytes: [] },
        ],
      },
    });
  });

  it("gives a completion's ending token no bytes, whether the others have theirs or not", () => {
    const withBytes = (more: object) =>
      JSON.parse(
        normaliseAnswer(
          "completions",
          JSON.stringify({
            choices: [{ text: "Hi", logprobs: { tokens: ["Hi", "</s>"], token_logprobs: [-1, -2], ...more }, finish_reason: "stop" }],
          }),
        ),
      ).choices[0].logprobs.token_bytes;
    expect(withBytes({})).toEqual([bytes("Hi"), []]);
    expect(withBytes({ token_bytes: [[72, 105], bytes("</s>")] })).toEqual([[72, 105], []]);
  });

  it("content as a list of parts was no answer: it is text, with thoughts beside it, and its ending token is none", () => {
    const content = [
      { type: "thinking", thinking: [{ type: "text", text: "Hm." }] },
      { type: "text", text: "Hi" },
      { type: "reference", reference_ids: [1] },
    ];
    const event = {
      choices: [{ index: 0, delta: { content }, logprobs: { content: [entry("Hi"), entry("</s>")] }, finish_reason: "stop" }],
    };
    expect(collectChat([event])).toMatchObject({ text: "Hi", tokens: [{ bytes: bytes("Hi") }, { bytes: [] }] });
    const body = { choices: [{ message: { role: "assistant", content }, finish_reason: "length" }] };
    expect(JSON.parse(normaliseAnswer("chat-completions", JSON.stringify(body)))).toEqual({
      choices: [{ message: { role: "assistant", content: "Hi", reasoning_content: "Hm." }, finish_reason: "length" }],
    });
    const odd = JSON.stringify({ choices: [{ delta: { content: [{ type: "text", text: 7 }] } }] });
    expect(normaliseAnswer("chat-completions", odd)).toBe(odd);
  });

  it("passes everything else on byte by byte", () => {
    for (const text of [
      '{ "choices": [] }',
      "not JSON",
      JSON.stringify(chunk("Hi", [entry("Hi")], null)),
      '{"x":"\\"finish_reason\\":\\"stop\\""}',
    ])
      expect(normaliseAnswer("chat-completions", text)).toBe(text);
    expect(normaliseAnswer("image-generation", '{"finish_reason":"stop"}')).toBe('{"finish_reason":"stop"}');
  });
});
