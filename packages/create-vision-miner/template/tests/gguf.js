// @ts-check
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { defaultTasks } from "@vision/sdk";
import { backendContractSuite } from "@vision/sdk/testing";
import { createBackend } from "./backend.js";
import { settings } from "./settings.js";

const task = defaultTasks.find(({ id }) => id === settings.task);
if (task === undefined) throw new Error(`The SDK does not know the task ${settings.task}`);
const request =
  task.family === "completions" ? { prompt: "Once upon a time" } : { messages: [{ role: "user", content: "Say something." }] };
const { model = "__MODEL__" } = settings;

describe("the backend", () => {
  it("has its model's file", { skip: existsSync(model) ? false : `${model} is not there` }, () => undefined);
  if (!existsSync(model)) return;
  for (const { name, run } of backendContractSuite({
    createBackend: () => createBackend(),
    task,
    request: { ...request, max_tokens: 16 },
    patienceMs: 120_000,
  })) {
    it(name, run);
  }
});
