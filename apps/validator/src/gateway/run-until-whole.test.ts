import { afterEach, describe, expect, it } from "@jest/globals";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";

const user = { role: "user", content: "hi" };
const saying =
  (...words: string[]): FakeMiner =>
  () => ({ events: chatEvents(words) });
/** Says this much and is gone. */
const breaking =
  (...words: string[]): FakeMiner =>
  () => ({ events: chatEvents(words).slice(0, 1 + words.length), end: "failed" });

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function stream(miners: Readonly<Record<string, FakeMiner>>, changes: Readonly<Record<string, unknown>> = {}) {
  fixture = await startGateway(miners, { options: { hedgeFraction: 0, maxAttempts: 4 } });
  const key = await fixture.addKey();
  const response = await fetch(`${fixture.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: "chat-tiny",
      messages: [user],
      max_tokens: 20,
      stream: true,
      stream_options: { include_usage: true },
      ...changes,
    }),
  });
  const events = (await response.text())
    .split("\n\n")
    .filter((event) => event.startsWith("data: "))
    .map((event) => event.slice("data: ".length));
  const chunks = events.filter((event) => event !== "[DONE]").map((event) => JSON.parse(event));
  const deltas = chunks.flatMap(({ choices }) => choices ?? []);
  return {
    text: deltas.map(({ delta }) => delta.content ?? "").join(""),
    roles: deltas.flatMap(({ delta }) => delta.role ?? []),
    finishes: deltas.flatMap(({ finish_reason: finish }) => finish ?? []),
    ids: new Set(chunks.flatMap(({ id }) => id ?? [])),
    error: chunks.find(({ error }) => error !== undefined)?.error ?? null,
    usage: chunks.find(({ usage }) => usage)?.usage,
    isDone: events.at(-1) === "[DONE]",
  };
}

const asked = () => fixture.exchange.requests.map(({ target }) => target.hotkey);

describe("a stream that breaks off half-way", () => {
  it("ended in an error though another miner could have gone on: the user reads one answer", async () => {
    const answer = await stream({ a: breaking("The", " capital"), b: saying(" is", " Rome") });
    expect(answer).toMatchObject({ text: "The capital is Rome", roles: ["assistant"], finishes: ["stop"], error: null, isDone: true });
    expect(answer.ids.size).toBe(1);
    expect(answer.usage.completion_tokens).toBe(4);
    expect(fixture.exchange.requests[1]?.request).toMatchObject({
      messages: [user, { role: "assistant", content: "The capital" }],
      continue_final_message: true,
      add_generation_prompt: false,
      max_tokens: 18,
    });
    expect(fixture.metrics.values.get('gatewayContinuationsTotal {"task":"chat-tiny","outcome":"answered"}')).toBe(1);
  });

  it("is continued again where the next miner breaks off, too, and never by one that has", async () => {
    const answer = await stream({ a: breaking("One"), b: breaking(" two"), c: saying(" three") });
    expect(answer).toMatchObject({ text: "One two three", error: null, isDone: true });
    expect(asked()).toEqual(["a", "b", "c"]);
    expect(fixture.exchange.requests[2]?.request["messages"]).toEqual([user, { role: "assistant", content: "One two" }]);
  });

  it("goes on with the user's own beginning of an answer", async () => {
    const messages = [user, { role: "assistant", content: "Sure:" }];
    const fields = { messages, continue_final_message: true, add_generation_prompt: false };
    const answer = await stream({ a: breaking(" one"), b: saying(" two") }, fields);
    expect(answer.text).toBe(" one two");
    expect(fixture.exchange.requests[1]?.request["messages"]).toEqual([user, { role: "assistant", content: "Sure: one" }]);
  });

  it("ends with an error where nobody is left to go on", async () => {
    const answer = await stream({ a: breaking("The", " capital") });
    expect(answer).toMatchObject({ text: "The capital", finishes: [], isDone: false });
    expect(answer.error).toMatchObject({ code: "backend_failed" });
  });

  it("ends with an error where everybody breaks off, after as many as may be asked", async () => {
    const miners = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((hotkey) => [hotkey, breaking(` ${hotkey}`)]));
    const answer = await stream(miners);
    expect(answer.error).toMatchObject({ code: "backend_failed" });
    expect(asked()).toHaveLength(4);
    expect(answer.text).toBe(" a b c d");
  });

  it("is not continued beyond the tokens that were asked for", async () => {
    const answer = await stream({ a: breaking("The", " capital"), b: saying(" is") }, { max_tokens: 2 });
    expect(answer.error).toMatchObject({ code: "backend_failed" });
    expect(asked()).toEqual(["a"]);
  });
});
