import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, type RequestBody, type Task } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { drawSyntheticRequest } from "./draw-request.js";

const registry = createRegistry();
const task = (id: string): Task => {
  const found = registry.get(id);
  if (found === undefined) throw new Error(`no task ${id}`);
  return found;
};
const organic: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "chat-tiny": { stream: false, user: "u-1", messages: [{ role: "user", content: "Hi" }], model: "tiny-lm-q8_0" },
  "completion-tiny": { prompt: "Once", temperature: null, model: "completion-tiny" },
  "image-tiny": { prompt: "a red apple", model: "image-tiny" },
};
/** Bodies as client libraries send them. */
const organicBodies: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  "chat-tiny": [
    { ...organic["chat-tiny"] },
    { ...organic["chat-tiny"], temperature: 0.7, top_p: 1, max_tokens: 100 },
    { ...organic["chat-tiny"], stop: ["\n"], stream: true, stream_options: { include_usage: true } },
    { ...organic["chat-tiny"], n: 1, top_p: 1, frequency_penalty: 0, presence_penalty: 0 },
    { ...organic["chat-tiny"], logprobs: true, top_logprobs: 2, max_completion_tokens: 9 },
    { ...organic["chat-tiny"], response_format: { type: "text" } },
  ],
  "completion-tiny": [
    { ...organic["completion-tiny"] },
    { ...organic["completion-tiny"], top_p: 1, stop: "\n", logprobs: 3 },
    { ...organic["completion-tiny"], frequency_penalty: 0 },
  ],
  "image-tiny": [
    { ...organic["image-tiny"] },
    { ...organic["image-tiny"], n: 2, negative_prompt: "blue", guidance_scale: 2 },
    { ...organic["image-tiny"], size: "32x32", steps: 4 },
  ],
};
const normalise = (of: Task, request: RequestBody = {}) => getFamily(of.family).normalise(request, { task: of, fallbackSeed: 77 });

describe("a normalised request", () => {
  it("W-19: makes the same fields in the same order of a user's request and of a synthetic one", () => {
    for (const [id, bodies] of Object.entries(organicBodies)) {
      const family = getFamily(task(id).family);
      const random = createSeededRandom("n", [id]);
      const fieldsOf = (body: unknown) => Object.keys(normalise(task(id), family.requestSchema.parse(body))).join();
      const synthetic = new Set(
        Array.from({ length: 3_000 }, () => fieldsOf(drawSyntheticRequest({ task: task(id), random, maxUnits: 1e6 }))),
      );
      for (const body of bodies) {
        expect({ body, isDrawnToo: synthetic.has(fieldsOf(body)) }).toEqual({ body, isDrawnToo: true });
        expect(family.requestSchema.safeParse(normalise(task(id), family.requestSchema.parse(body))).success).toBe(true);
      }
    }
  });

  it("names everything that a miner's answer depends on, and nothing of who asked", () => {
    expect(normalise(task("chat-tiny"), organic["chat-tiny"])).toEqual({
      model: "chat-tiny",
      messages: [{ role: "user", content: "Hi" }],
      max_tokens: 256,
      temperature: 1,
      seed: 77,
      stream: true,
      stream_options: { include_usage: true },
      logprobs: true,
    });
    expect(normalise(task("image-tiny"), organic["image-tiny"])).toEqual({
      model: "image-tiny",
      prompt: "a red apple",
      n: 1,
      size: "32x32",
      steps: 12,
      guidance_scale: 3,
      seed: 77,
      response_format: "b64_json",
    });
  });

  it("keeps what the user asked for, unknown fields included, in one order", () => {
    const request = {
      zeta: 1,
      stop: ["x"],
      messages: [],
      max_completion_tokens: 9,
      max_tokens: 5,
      seed: 3,
      temperature: 0,
      alpha: null,
      n: 1,
    };
    const body = normalise(task("chat-tiny"), request);
    expect(body).toMatchObject({ max_tokens: 9, seed: 3, temperature: 0, stop: ["x"], zeta: 1 });
    expect(Object.keys(body).slice(-2)).toEqual(["stop", "zeta"]);
    expect(Object.keys(body)).not.toContain("alpha");
    expect(Object.keys(body)).not.toContain("max_completion_tokens");
  });
});
