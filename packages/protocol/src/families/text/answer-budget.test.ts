import { describe, expect, it } from "@jest/globals";
import { protocolLimits } from "../../limits.js";
import { families, getFamily } from "../families.js";
import type { AddedParts } from "../family.js";

const chat = getFamily("chat-completions");
const completion = getFamily("completions");
const chatAsk = chat.requestSchema.parse({
  model: "m",
  messages: [{ role: "user", content: "x" }],
  max_tokens: 40,
  top_logprobs: 3,
  logprobs: true,
});
const completionAsk = completion.requestSchema.parse({ model: "m", prompt: "x", max_tokens: 40, logprobs: 3 });

const alternatives = (count: number) => Array.from({ length: count }, (_, index) => ({ token: `t${index}`, logprob: -1 }));
const chatEvent = (content: string, entries: readonly object[] = []) => ({
  choices: [{ delta: { content }, logprobs: { content: entries } }],
});
const token = (text: string, count = 0) => ({ token: text, logprob: -1, top_logprobs: alternatives(count) });

/** Why parts are refused; null when they are not. */
const reasonOf = (added: AddedParts) => (added.ok ? null : added.reason);

describe("answers larger than what was asked for", () => {
  it("a stream of 2.4 million tokens for max_tokens 40 is refused at once, not collected", () => {
    const collector = chat.createCollector(chatAsk);
    let accepted = 0;
    let problem: string | null = null;
    while (problem === null && accepted < 1000) {
      problem = reasonOf(collector.addEvent(chatEvent("a", [token("a")])));
      if (problem === null) accepted += 1;
    }
    expect(problem).toBe("more than the 40 tokens that were asked for");
    expect(accepted).toBeGreaterThanOrEqual(41); // 40 and the end token
    expect(accepted).toBeLessThanOrEqual(50);
  });

  it("text without logprobs is refused above what the tokens can hold, in bytes", () => {
    const collector = chat.createCollector(chatAsk);
    expect(reasonOf(collector.addEvent(chatEvent("é".repeat(40 * 32))))).toBeNull();
    expect(reasonOf(collector.addEvent(chatEvent("é".repeat(40 * 32))))).toMatch(/more text than 40 tokens/);
    expect(reasonOf(completion.createCollector(completionAsk).addBody({ choices: [{ text: "x".repeat(5000) }] }))).toMatch(
      /more text than 40 tokens/,
    );
  });

  it("a body with more tokens is refused too", () => {
    const tokens = Array.from({ length: 60 }, () => "a");
    const body = { choices: [{ text: "a", logprobs: { tokens, token_logprobs: tokens.map(() => -1) }, finish_reason: "stop" }] };
    expect(reasonOf(completion.createCollector(completionAsk).addBody(body))).toMatch(/more than the 40 tokens/);
    const whole = {
      choices: [{ message: { content: "a" }, logprobs: { content: tokens.map((text) => token(text)) }, finish_reason: "stop" }],
    };
    expect(reasonOf(chat.createCollector(chatAsk).addBody(whole))).toMatch(/more than the 40 tokens/);
  });

  it("lists beside the tokens count as tokens", () => {
    const many = Array.from({ length: 60 }, () => -1);
    expect(
      reasonOf(completion.createCollector(completionAsk).addEvent({ choices: [{ text: "a", logprobs: { token_logprobs: many } }] })),
    ).toMatch(/more than the 40 tokens/);
  });

  it("alternatives out of proportion are refused, one beside those that were asked for is not", () => {
    expect(reasonOf(chat.createCollector(chatAsk).addEvent(chatEvent("a", [token("a", 4)])))).toBeNull();
    expect(reasonOf(chat.createCollector(chatAsk).addEvent(chatEvent("a", [token("a", 500)])))).toBe("500 alternatives for one token");
    const top = (count: number) => ({
      choices: [
        {
          text: "a",
          logprobs: {
            tokens: ["a"],
            token_logprobs: [-1],
            top_logprobs: [Object.fromEntries(alternatives(count).map((entry) => [entry.token, -1]))],
          },
        },
      ],
    });
    expect(reasonOf(completion.createCollector(completionAsk).addEvent(top(4)))).toBeNull();
    expect(reasonOf(completion.createCollector(completionAsk).addEvent(top(500)))).toBe("500 alternatives for one token");
  });

  it("no answer counts more work units than were asked for", () => {
    const collector = chat.createCollector(chatAsk);
    for (let index = 0; index < 42; index += 1) collector.addEvent(chatEvent("a", [token("a")]));
    collector.addEvent({ choices: [{ delta: {}, finish_reason: "length" }] });
    const result = collector.finish();
    expect(result.ok && chat.workUnits(chatAsk, result.answer)).toBe(40);
  });

  it("sizes follow what was asked for and never exceed the protocol's", () => {
    const small = chat.replyLimits(chatAsk);
    expect(small.streamBytes).toBeGreaterThan(200_000); // 40 tokens with 3 alternatives each fit amply
    expect(small.streamBytes).toBeLessThan(400_000);
    expect(small.eventBytes).toBeLessThanOrEqual(small.streamBytes);
    const endless = chat.requestSchema.parse({
      model: "m",
      messages: [{ role: "user", content: "x" }],
      max_tokens: protocolLimits.outputTokens,
    });
    expect(chat.replyLimits(endless)).toEqual({
      eventBytes: protocolLimits.eventBytes,
      streamBytes: protocolLimits.streamBytes,
      bodyBytes: protocolLimits.responseBytes,
      values: protocolLimits.jsonValues,
    });
    for (const family of families) {
      const limits = family.replyLimits(family.smallRequest("m"));
      expect({ name: family.name, isBounded: limits.streamBytes <= protocolLimits.streamBytes }).toEqual({
        name: family.name,
        isBounded: true,
      });
    }
  });
});
