import { describe, expect, it } from "@jest/globals";
import { createRegistry, type Task } from "@vision/protocol";
import { defaultOutputTokens, isUnlimited, leastUnits } from "./default-output-tokens.js";

function taskOf(id: string): Task {
  const task = createRegistry().get(id);
  if (task === undefined) throw new Error(`no ${id}`);
  return task;
}

const tiny = taskOf("chat-tiny");
const llama = taskOf("chat-llama-3-1-8b");
const request = { model: "m", messages: [{ role: "user", content: "Hello" }] };
const limitOf = (task: Task, promptTokens: number | null, freeUnits = 1e6, asked: typeof request = request) =>
  defaultOutputTokens({ task, request: asked, promptTokens, freeUnits });

describe("an answer without a limit", () => {
  it("regression: it was cut at 256 tokens; it gets what the context leaves, within a multiple of a typical answer", () => {
    expect(limitOf(tiny, 20)).toBe(492);
    expect(limitOf(llama, 100)).toBe(4_800);
    expect(limitOf(llama, 16_000)).toBe(384);
    expect(limitOf(llama, null)).toBe(4_800);
  });

  it("is bounded by what the miner has free, down to a typical answer", () => {
    expect(limitOf(llama, 100, 1_000)).toBe(1_000);
    expect(limitOf(llama, 100, 10)).toBe(300);
  });

  it("never overrates what a long prompt of unknown length leaves", () => {
    const long = { ...request, messages: [{ role: "user", content: "x".repeat(30_000) }] };
    expect(limitOf(llama, null, 1e6, long)).toBe(16_384 - 15_000 - 64);
  });

  it("needs room for a typical answer only; one with a limit needs all of it", () => {
    expect(leastUnits(tiny, request)).toBe(32);
    expect(leastUnits(tiny, { ...request, max_tokens: 400 })).toBe(400);
    expect(isUnlimited(taskOf("image-tiny"), { model: "m", prompt: "x" })).toBe(false);
  });
});
