import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, type Task } from "@vision/protocol";
import { createSeededRandom } from "../random.js";
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
        const parsed = family.requestSchema.safeParse(request);
        expect({ task: each.id, problem: parsed.error?.message ?? null }).toEqual({ task: each.id, problem: null });
        const units = family.maxWorkUnits(parsed.data);
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
    const images = drawMany(task("image-tiny"), 500);
    for (const field of ["steps", "guidance_scale", "seed", "prompt"]) {
      expect({ field, isVaried: new Set(images.map((request) => request[field])).size > 3 }).toEqual({ field, isVaried: true });
    }
  });
});
