import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, type Task } from "@vision/protocol";
import { createSeededRandom } from "../domain/random.js";
import { drawSyntheticRequest } from "../domain/synthetic/draw-request.js";
import { normaliseRequest } from "./normalise-request.js";

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
const normalise = (of: Task, request: unknown) => normaliseRequest({ task: of, request, fallbackSeed: 77 });

describe("normaliseRequest", () => {
  it("W-19: makes the same fields in the same order of a user's request and of a synthetic one", () => {
    for (const [id, body] of Object.entries(organic)) {
      const family = getFamily(task(id).family);
      const random = createSeededRandom("n", [id]);
      const synthetic = drawSyntheticRequest({ task: task(id), random, maxUnits: 1e6 });
      const ofUser = normalise(task(id), family.requestSchema.parse(body));
      const ofValidator = normalise(task(id), family.requestSchema.parse(synthetic));
      expect(Object.keys(ofUser)).toEqual(Object.keys(ofValidator));
      expect(family.requestSchema.safeParse(ofUser).success).toBe(true);
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
