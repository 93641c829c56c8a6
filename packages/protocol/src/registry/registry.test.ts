import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { VisionError } from "../errors/vision-error.js";
import { defaultTasks, defaultTaskWeightsPpm } from "./default-tasks.js";
import { changeRegistry, createRegistry, enabledTasks } from "./registry.js";
import { taskSchema } from "./task.js";

describe("default tasks", () => {
  it.each(defaultTasks.map((task) => [task.id, task]))("%s fits the schema and has a default weight", (id, task) => {
    expect(taskSchema.parse(task)).toEqual(task);
    expect(defaultTaskWeightsPpm[String(id)]).toBeGreaterThan(0);
  });

  it("serves the embedded models alone, so that what is off takes no share", () => {
    const on = enabledTasks(createRegistry()).map(({ id }) => [id, defaultTaskWeightsPpm[id]]);
    expect(Object.fromEntries(on)).toEqual({
      "chat-tiny": 400_000,
      "completion-tiny": 200_000,
      "embedding-tiny": 100_000,
      "image-tiny": 300_000,
    });
  });

  it("has each of its models on the page of the catalogue, with its target", () => {
    const page = readFileSync(new URL("../../../../docs/validating/catalogue.md", import.meta.url), "utf8");
    for (const { id, model, target, isEnabled } of defaultTasks) {
      if (isEnabled) continue;
      const row = page.split("\n").find((line) => line.includes(`\`${id}\``)) ?? "";
      expect([id, row]).toEqual([id, expect.stringContaining(`\`${model}\``)]);
      expect([id, row]).toEqual([id, expect.stringContaining(`| ${target.firstTokenMs} ms, ${target.unitsPerSecond}/s |`)]);
    }
  });

  it("has no weight without a task", () => {
    const ids = new Set(defaultTasks.map((task) => task.id));
    expect(Object.keys(defaultTaskWeightsPpm).filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe("changeRegistry", () => {
  it("switches off, changes, removes and adds tasks", () => {
    const [first] = defaultTasks;
    const registry = changeRegistry(createRegistry(), {
      "chat-tiny": { isEnabled: false },
      "image-tiny": null,
      "completion-tiny": { timeoutMs: 9000 },
      "chat-mine": { ...first, displayName: "Mine" },
    });
    expect(enabledTasks(registry).map((task) => task.id)).toEqual(["chat-mine", "completion-tiny", "embedding-tiny"]);
    expect(registry.get("completion-tiny")?.timeoutMs).toBe(9000);
    expect(registry.get("chat-mine")?.id).toBe("chat-mine");
  });

  it("names every mistake at once", () => {
    let error: unknown;
    try {
      changeRegistry(createRegistry(), { "chat-tiny": { timeoutMs: -1 }, "chat-new": { family: "chat-completions" } });
    } catch (thrown) {
      error = thrown;
    }
    expect(VisionError.isInstance(error, "PROTOCOL_INVALID_TASK")).toBe(true);
    expect(String(error)).toMatch(/chat-tiny\.timeoutMs.*chat-new\.displayName/);
  });
});
