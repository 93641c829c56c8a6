// @ts-check
import { describe, it } from "node:test";
import { defaultTasks } from "@vision/sdk";
import { backendContractSuite } from "@vision/sdk/testing";
import { createBackend } from "./backend.js";
import { settings } from "./settings.js";

const task = defaultTasks.find(({ id }) => id === settings.task);
if (task === undefined) throw new Error(`The SDK does not know the task ${settings.task}`);
const request =
  task.family === "completions"
    ? { prompt: "Once upon a time there was" }
    : { messages: [{ role: "user", content: "Say four words or more." }] };

describe("the backend", () => {
  for (const { name, run } of backendContractSuite({ createBackend, task, request: { ...request, max_tokens: 16 } })) it(name, run);
});
