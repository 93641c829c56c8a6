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

  it("regression: an answer by top_p was judged by a reference that ignores it, where a task with that sampler allows it", () => {
    for (const fields of [{ top_p: 0.5 }, { frequency_penalty: 1 }, { logit_bias: { "1": 1 } }]) {
      expect(isCheckable({ ...task("chat-tiny"), capabilities: undefined }, { messages: [], ...fields })).toBe(false);
    }
  });

  it("does not hold a user's own sampling against a miner elsewhere", () => {
    expect(isCheckable(task("chat-llama-3-1-8b"), { messages: [], temperature: 0, seed: 1, top_p: 0.9 })).toBe(true);
    for (const field of ["logit_bias", "tools", "frequency_penalty", "response_format", "whatever"]) {
      expect({ field, isCheckable: isCheckable(task("chat-llama-3-1-8b"), { messages: [], [field]: 1 }) }).toEqual({
        field,
        isCheckable: false,
      });
    }
  });

  it("judges nothing of a task without a check", () => {
    expect(isCheckable({ ...task("chat-tiny"), check: { kind: "none" } }, {})).toBe(false);
  });
});
