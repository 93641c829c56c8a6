import { describe, expect, it } from "@jest/globals";
import { createRegistry, type Task } from "@vision/protocol";
import { isCheckable } from "./is-checkable.js";

const registry = createRegistry();
const task = (id: string): Task => {
  const found = registry.get(id);
  if (found === undefined) throw new Error(`no task ${id}`);
  return found;
};

describe("isCheckable", () => {
  it("judges every answer where the sampler is part of the task", () => {
    expect(isCheckable(task("chat-tiny"), { messages: [], logit_bias: {}, top_p: 1, whatever: 1 })).toBe(true);
    expect(isCheckable(task("image-tiny"), { prompt: "x", style: "vivid" })).toBe(true);
  });

  it("follows truncation, penalties and biases, and no tools", () => {
    for (const fields of [{ top_p: 0.5 }, { frequency_penalty: 1 }, { logit_bias: { "1": 1 } }]) {
      expect(isCheckable({ ...task("chat-tiny"), capabilities: undefined }, { messages: [], ...fields })).toBe(true);
      expect(isCheckable(task("chat-llama-3-1-8b"), { messages: [], ...fields })).toBe(true);
    }
    expect(isCheckable({ ...task("chat-tiny"), capabilities: undefined }, { messages: [], tools: [{}] })).toBe(false);
  });

  it("regression: requests with penalties or a response format were never checked", () => {
    const llama = task("chat-llama-3-1-8b");
    expect(isCheckable(llama, { messages: [], temperature: 0, seed: 1, top_p: 0.9, user: "someone" })).toBe(true);
    for (const field of ["repetition_penalty", "response_format", "min_tokens"]) {
      expect({ field, isCheckable: isCheckable(llama, { messages: [], [field]: 1 }) }).toEqual({ field, isCheckable: true });
    }
    for (const field of ["tools", "whatever", "reasoning_effort"]) {
      expect({ field, isCheckable: isCheckable(llama, { messages: [], [field]: 1 }) }).toEqual({ field, isCheckable: false });
    }
  });

  it("regression: an answer that a grammar held was judged as if nothing had, where all engines' draws are known", () => {
    const known = { ...task("chat-tiny"), capabilities: undefined };
    for (const field of ["guided_json", "structured_outputs", "grammar", "allowed_token_ids"]) {
      expect({ field, isCheckable: isCheckable(known, { messages: [], [field]: { a: 1 } }) }).toEqual({ field, isCheckable: false });
    }
  });

  it("judges nothing of a task without a check", () => {
    expect(isCheckable({ ...task("chat-tiny"), check: { kind: "none" } }, {})).toBe(false);
  });
});
