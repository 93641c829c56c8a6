import { describe, expect, it } from "@jest/globals";
import { defaultTasks } from "../registry/default-tasks.js";
import { capacityRequestSchema, capacityResponseSchema, helloRequestSchema, parseCapacities, parseOfferedTasks } from "./routes.js";

const tasks = defaultTasks.slice(0, 2);

describe("parseCapacities", () => {
  it.each([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["null", null],
    ["a string", "1000"],
    ["a negative number", -5],
    ["an object", {}],
    ["a list", [1]],
    ["true", true],
  ])("W-04: takes %s as no capacity for that task and leaves the others alone", (_name, value) => {
    const parsed = parseCapacities({ capacities: { "chat-tiny": value, "completion-tiny": 500 } }, tasks);
    expect(parsed.get("chat-tiny")).toMatchObject({ capacityPerHour: 0, problem: "not a finite number of at least 0" });
    expect(parsed.get("completion-tiny")).toMatchObject({ capacityPerHour: 500, problem: null });
  });

  it("cuts a huge value to the task's maximum", () => {
    expect(parseCapacities({ capacities: { "chat-tiny": 1e308 } }, tasks).get("chat-tiny")?.capacityPerHour).toBe(
      tasks[0]?.maxCapacityPerHour,
    );
  });

  it("takes a missing task as not served, without a problem", () => {
    expect(parseCapacities({ capacities: {} }, tasks).get("chat-tiny")).toMatchObject({ capacityPerHour: 0, problem: null });
  });

  it("takes the declared sampler where the task takes it, and a default where none is declared", () => {
    const llama = defaultTasks.find(({ id }) => id === "chat-llama-3-1-8b");
    const tiny = defaultTasks.find(({ id }) => id === "chat-tiny");
    if (llama === undefined || tiny === undefined) throw new Error("no such tasks");
    const of = (samplers: unknown) => {
      const answer = capacityResponseSchema.parse({ protocolVersion: "3.0", capacities: { [llama.id]: 9, [tiny.id]: 9 }, samplers });
      const parsed = parseCapacities(answer, [llama, tiny]);
      return [llama, tiny].map(({ id }) => [parsed.get(id)?.sampler, parsed.get(id)?.capacityPerHour]);
    };
    const undeclared = [
      ["unknown", 9],
      ["gumbel-murmur3", 9],
    ];
    expect(of({ [llama.id]: "llama.cpp", [tiny.id]: "gumbel-murmur3" })).toEqual([
      ["llama.cpp", 9],
      ["gumbel-murmur3", 9],
    ]);
    for (const samplers of [undefined, null, {}, [], "llama.cpp", 5])
      expect({ samplers, of: of(samplers) }).toEqual({ samplers, of: undeclared });
    // The answers of another sampler would fail every check: none is asked for.
    expect(of({ [llama.id]: "dice", [tiny.id]: "unknown" })).toEqual([
      ["unknown", 0],
      ["gumbel-murmur3", 0],
    ]);
  });

  it("is not fooled by names of the prototype", () => {
    const task = { ...defaultTasks[0], id: "constructor" } as (typeof defaultTasks)[number];
    expect(parseCapacities({ capacities: {} }, [task]).get("constructor")?.capacityPerHour).toBe(0);
  });
});

describe("parseOfferedTasks", () => {
  it("leaves out tasks that it does not understand", () => {
    expect(parseOfferedTasks([tasks[0], { id: "x" }, null, 5])).toEqual([tasks[0]]);
  });
});

describe("control requests", () => {
  it.each([
    ["capacity", capacityRequestSchema, { protocolVersion: "1.0", periodMs: 1, tasks: [] }],
    ["hello", helloRequestSchema, { protocolVersion: "1.0", ephemeralPublicKey: "09".repeat(32) }],
  ])("a body that names a model is an inference request and no %s, because a stateless signature covers no path", (_name, schema, body) => {
    expect(schema.safeParse({ ...body, later: 1 }).success).toBe(true);
    expect(schema.safeParse({ ...body, model: "chat-tiny" }).success).toBe(false);
  });
});
