import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { createSseDecoder } from "../stream/sse-decoder.js";
import { getFamily } from "./families.js";

// Recorded from vLLM 0.32.0 on a CPU with SmolLM2-135M-Instruct.
const transcripts = z
  .object({
    exchanges: z.array(
      z.object({
        name: z.string(),
        request: z.object({ body: z.record(z.string(), z.unknown()).nullish() }).optional(),
        response: z.object({ body: z.string().nullish() }),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL("../../test/fixtures/vllm-0.32.transcripts.json", import.meta.url), "utf8")));

/** What a validator collects of a recorded answer. */
function collect(family: "chat-completions" | "completions", name: string) {
  const exchange = transcripts.exchanges.find((each) => each.name === name);
  const body = exchange?.response.body;
  if (exchange?.request === undefined || typeof body !== "string") throw new Error(`no exchange ${name}`);
  const { requestSchema, createCollector } = getFamily(family);
  const collector = createCollector(requestSchema.parse(exchange.request.body));
  const events = body.startsWith("data: ") ? createSseDecoder().push(new TextEncoder().encode(body)) : null;
  for (const event of events ?? []) if (event !== "[DONE]") expect(collector.addEvent(JSON.parse(event))).toMatchObject({ ok: true });
  if (events === null) expect(collector.addBody(JSON.parse(body))).toMatchObject({ ok: true });
  const result = collector.finish();
  if (!result.ok || result.answer.kind !== "text") throw new Error("no text");
  return result.answer;
}

describe("vLLM's own answers", () => {
  it("give every token's id and the prompt's, in a body and in a stream", () => {
    const whole = collect("chat-completions", "chat, not streamed, greedy, logprobs, token ids");
    expect(whole.tokens.slice(0, 3)).toMatchObject([{ id: 504, text: "The" }, { id: 3697 }, { id: 2229 }]);
    expect(whole.tokens.every(({ id }) => id !== undefined)).toBe(true);
    const streamed = collect("chat-completions", "chat, streamed, temperature 1, seed, usage, logprobs, token ids");
    expect(streamed.tokens.map(({ id }) => id).slice(0, 3)).toEqual([37631, 2056, 12743]);
    for (const { promptTokenIds } of [whole, streamed]) expect(promptTokenIds?.slice(0, 3)).toEqual([1, 9690, 198]);
    const completion = collect("completions", "completion, greedy, logprobs, token ids");
    expect(completion.tokens.map(({ id }) => id).slice(0, 2)).toEqual([7268, 30]);
    // No beginning-of-text token in front: the tokenizer's own words.
    expect(completion.promptTokenIds).toEqual([504, 3575, 282, 7158, 314]);
  });

  it("write an emoji of three tokens as two without text and one with all of it; ids tell them apart", () => {
    const { tokens, text, promptTokenIds } = collect("completions", "completion, streamed");
    expect(text).toBe("😀😀😀");
    expect(tokens.map(({ id }) => id)).toEqual([10813, 242, 218, 10813, 242, 218, 10813, 242, 218, 10813]);
    expect(tokens.slice(0, 3).map((token) => token.text)).toEqual(["", "", "😀"]);
    expect(promptTokenIds).toHaveLength(14);
  });

  it("list the tokens of a stop sequence, which is not in the text", () => {
    const { tokens, text, finishReason } = collect("completions", "stop sequence");
    expect({ text, finishReason, last: tokens.slice(-2).map((token) => token.text) }).toEqual({
      text: " 5, 6,",
      finishReason: "stop",
      last: [" ", "7"],
    });
  });
});

describe("token ids", () => {
  it("are taken from llama.cpp's entries, and only where there is one for each token", () => {
    const chat = getFamily("chat-completions");
    const collector = chat.createCollector(chat.requestSchema.parse({ model: "m", messages: [{ role: "user", content: "x" }] }));
    const entry = (token: string, more: object = {}) => ({ token, logprob: -1, ...more });
    const choice = (content: readonly object[], more: object = {}) => ({
      choices: [{ delta: { content: "a" }, logprobs: { content }, ...more }],
    });
    collector.addEvent(choice([entry("a", { id: 5 })]));
    collector.addEvent(choice([entry("b", { id: "5" })]));
    collector.addEvent(choice([entry("c")], { token_ids: [1, 2] }));
    collector.addEvent(choice([entry("d")], { token_ids: [-1] }));
    collector.addEvent(choice([entry("e")], { token_ids: [8], finish_reason: "stop" }));
    const result = collector.finish();
    const tokens = result.ok && result.answer.kind === "text" ? result.answer.tokens : [];
    expect(tokens.map(({ id }) => id)).toEqual([5, undefined, undefined, undefined, 8]);
  });
});
