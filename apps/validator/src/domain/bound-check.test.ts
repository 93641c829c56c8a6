import { describe, expect, it } from "@jest/globals";
import { createRegistry, type Task } from "@vision/protocol";
import { aCheck, aResult } from "../testing/store-samples.js";
import { boundCheck, MAX_CHECK_BYTES } from "./bound-check.js";

function taskOf(id: string): Task {
  const task = createRegistry().get(id);
  if (task === undefined) throw new Error(`no ${id}`);
  return task;
}

const token = { bytes: [104, 105], text: "hi", logprob: -0.25 };
const anAnswerOf = (count: number) => ({
  kind: "text" as const,
  text: "hi".repeat(count),
  tokens: Array(count).fill(token),
  finishReason: "stop" as const,
});
const body = { model: "chat-tiny", messages: [{ role: "user", content: "Hi" }], max_tokens: 40 };

describe("boundCheck", () => {
  it("keeps what an honest answer takes", () => {
    const check = aCheck("r", { request: { ...body, max_tokens: 512 }, answer: anAnswerOf(512) });
    expect(boundCheck(aResult("r"), check, taskOf("chat-tiny"))).toEqual({ result: aResult("r"), check });
  });

  it("an answer of many MB to a small request took the validator down: it is the miner's failure and not kept", () => {
    const bytes = new Array<number>(5_000_000).fill(104);
    const answer = { kind: "text" as const, text: "x", tokens: [{ bytes, text: "x", logprob: -1 }], finishReason: "stop" as const };
    const bound = boundCheck(aResult("r"), aCheck("r", { request: body, answer }), taskOf("chat-tiny"));
    expect(bound).toMatchObject({ check: null, result: { outcome: "failed", blame: "miner", attemptedUnits: 32, completedUnits: 0 } });
  });

  it("blames nobody for a large answer to a large request, nor for a request that is large itself", () => {
    const large = aCheck("r", { request: { ...body, max_tokens: 8_192 }, answer: anAnswerOf(8_192) });
    expect(boundCheck(aResult("r"), large, taskOf("chat-tiny"))).toEqual({ result: aResult("r"), check: null });
    const asked = { ...body, messages: [{ role: "user", content: "x".repeat(MAX_CHECK_BYTES) }] };
    const check = aCheck("r", { request: asked, answer: anAnswerOf(3) });
    expect(boundCheck(aResult("r"), check, taskOf("chat-tiny"))).toEqual({ result: aResult("r"), check: null });
  });

  it("allows an image the size that was asked for", () => {
    const request = { model: "image-tiny", prompt: "x", n: 1, size: "1024x1024", steps: 6 };
    const imageOf = (length: number) => ({ kind: "images" as const, imagesBase64: ["A".repeat(length)] });
    const task = taskOf("image-tiny");
    expect(boundCheck(aResult("r"), aCheck("r", { request, answer: imageOf(4_000_000) }), task).result.outcome).toBe("ok");
    expect(boundCheck(aResult("r"), aCheck("r", { request, answer: imageOf(9_000_000) }), task).result.outcome).toBe("failed");
  });
});
