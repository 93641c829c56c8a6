import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, type Task } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { loadPromptEncoder } from "@vision/tiny";
import { drawSyntheticRequest } from "./draw-request.js";

const registry = createRegistry();
const tasks = [...registry.values()];
const task = (id: string): Task => {
  const found = registry.get(id);
  if (found === undefined) throw new Error(`no task ${id}`);
  return found;
};
const drawMany = (of: Task, count: number, maxUnits = 1e6) => {
  const random = createSeededRandom("synthetic", [of.id]);
  return Array.from({ length: count }, () => drawSyntheticRequest({ task: of, random, maxUnits }));
};

describe("drawSyntheticRequest", () => {
  it("fits the family's schema, the task's context and the units allowed", () => {
    for (const each of tasks) {
      const family = getFamily(each.family);
      for (const request of drawMany(each, 200, 20)) {
        const units = family.maxWorkUnits(family.requestSchema.parse(request));
        expect({ task: each.id, isWithin: units >= 1 && units <= 20 }).toEqual({ task: each.id, isWithin: true });
      }
    }
  });

  it("hardly ever asks the same twice: no answer can be kept for later", () => {
    for (const each of tasks) {
      const bodies = drawMany(each, 2_000).map((request) => JSON.stringify(request));
      expect({ task: each.id, distinct: new Set(bodies).size }).toEqual({ task: each.id, distinct: 2_000 });
    }
    const prompts = new Set(drawMany(task("completion-tiny"), 2_000).map((request) => request["prompt"]));
    expect(prompts.size).toBeGreaterThan(1_500);
  });

  it("asks for typical volumes on average, so that planned requests reach the planned volume", () => {
    for (const id of ["chat-tiny", "completion-tiny", "image-tiny"]) {
      const family = getFamily(task(id).family);
      const units = drawMany(task(id), 2_000).map((request) => family.maxWorkUnits(family.requestSchema.parse(request)));
      const mean = units.reduce((sum, unit) => sum + unit, 0) / units.length;
      const typical = task(id).typicalUnitsPerRequest;
      expect({ id, isTypical: mean > typical * 0.9 && mean < typical * 1.3 }).toEqual({ id, isTypical: true });
    }
  });

  it("W-19: varies what the reference kept fixed, as users do", () => {
    const chats = drawMany(task("chat-tiny"), 500);
    const temperatures = chats.map((request) => Number(request["temperature"]));
    expect(temperatures.filter((temperature) => temperature === 0).length).toBeGreaterThan(100);
    expect(new Set(temperatures).size).toBeGreaterThan(5);
    expect(new Set(chats.map((request) => request["stream"]))).toEqual(new Set([true, false]));
    expect(new Set(chats.map((request) => request["max_tokens"])).size).toBeGreaterThan(20);
    expect(chats.some((request) => request["max_completion_tokens"] !== undefined)).toBe(true);
    const images = drawMany(task("image-tiny"), 500);
    for (const field of ["steps", "guidance_scale", "seed", "prompt"]) {
      expect({ field, isVaried: new Set(images.map((request) => request[field])).size > 3 }).toEqual({ field, isVaried: true });
    }
  });

  it("W-19 regression: requests came from about forty templates; none is drawn twice in 10,000, and hardly any but for its seed", () => {
    for (const id of ["chat-tiny", "completion-tiny", "image-tiny", "chat-llama-3-1-8b"]) {
      const drawn = drawMany(task(id), 10_000).map(({ seed: _seed, ...request }) => request);
      const prompts = new Set(drawn.map((request) => JSON.stringify(request["messages"] ?? request["prompt"])));
      const bodies = new Set(drawn.map((request) => JSON.stringify(request)));
      const whole = new Set(drawMany(task(id), 10_000).map((request) => JSON.stringify(request)));
      expect({ id, isVaried: prompts.size > 9_300, hasNoCopies: bodies.size > 9_980, whole: whole.size }).toEqual({
        ...{ id, isVaried: true, hasNoCopies: true },
        whole: 10_000,
      });
    }
  });

  it("W-19: conversations, instructions and optional fields come as often as users send them, and so do requests without a limit", () => {
    const chats = drawMany(task("chat-tiny"), 4_000);
    const share = (isOne: (request: Readonly<Record<string, unknown>>) => boolean) => chats.filter(isOne).length / chats.length;
    const roles = (request: Readonly<Record<string, unknown>>) =>
      (request["messages"] as readonly { readonly role: string }[]).map(({ role }) => role);
    expect(share((request) => roles(request).includes("assistant"))).toBeGreaterThan(0.25);
    expect(share((request) => roles(request)[0] === "system")).toBeGreaterThan(0.25);
    for (const field of ["top_p", "stop", "n", "frequency_penalty", "presence_penalty", "top_logprobs", "response_format"]) {
      const fraction = share((request) => request[field] !== undefined);
      expect({ field, isNowAndThen: fraction > 0.02 && fraction < 0.3 }).toEqual({ field, isNowAndThen: true });
    }
    const unlimited = (of: Task) =>
      drawMany(of, 4_000).filter((request) => request["max_tokens"] === undefined && request["max_completion_tokens"] === undefined).length;
    expect(unlimited(task("chat-tiny"))).toBeGreaterThan(80);
    expect(unlimited(task("chat-llama-3-1-8b"))).toBeGreaterThan(1_000);
  });

  it("W-19: asks above temperature 0 also where the sampler is not part of the task", () => {
    const temperatures = drawMany(task("chat-llama-3-1-8b"), 500).map((request) => Number(request["temperature"]));
    const greedy = temperatures.filter((temperature) => temperature === 0).length;
    expect(greedy > 200 && greedy < 400).toBe(true);
  });

  it("leaves room for the answer in the smallest context", async () => {
    const encoder = await loadPromptEncoder("tiny-lm-q8_0");
    const lengths = drawMany(task("chat-tiny"), 3_000).map((request) => {
      const messages = request["messages"] as readonly {
        readonly role: string;
        readonly content: string | readonly { readonly text: string }[];
      }[];
      const text = (content: (typeof messages)[number]["content"]) =>
        typeof content === "string" ? content : content.map((part) => part.text).join("");
      return encoder.chatPrompt(messages.map(({ role, content }) => ({ role, content: text(content) }))).length;
    });
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeLessThan(64);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(256);
  });
});
