import { describe, expect, it } from "@jest/globals";
import { createEncoderCache } from "@vision/checking";
import { createRegistry, type Task } from "@vision/protocol";
import { loadPromptEncoder } from "@vision/tiny";
import { recordingLogger } from "../testing/recording-logger.js";
import { createEmbeddedPromptCounter } from "./prompt-counter-embedded.js";

const registry = createRegistry();
function taskOf(id: string): Task {
  const task = registry.get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}
const chat = (content: string) => ({ model: "chat-tiny", messages: [{ role: "user", content }] });

describe("createEmbeddedPromptCounter", () => {
  it("counts what the model reads, template included, and reads the tokenizer once", async () => {
    let loads = 0;
    const cache = createEncoderCache((model) => {
      loads += 1;
      return loadPromptEncoder(model);
    });
    const counter = createEmbeddedPromptCounter({ logger: recordingLogger() }, cache);
    const encoder = await loadPromptEncoder("tiny-lm-q8_0");
    const [first] = await Promise.all([
      counter.count(taskOf("chat-tiny"), chat("Hello there")),
      counter.count(taskOf("chat-tiny"), chat("Hi")),
    ]);
    expect(first).toEqual({ kind: "counted", promptTokens: encoder.chatPrompt([{ role: "user", content: "Hello there" }]).length });
    const completion = await counter.count(taskOf("completion-tiny"), { prompt: "Once upon a time" });
    expect(completion).toEqual({ kind: "counted", promptTokens: encoder.completionPrompt("Once upon a time").length });
    expect(loads).toBe(1);
  });

  it("finds a prompt unusable that leaves no room, however few its characters", async () => {
    const counter = createEmbeddedPromptCounter({ logger: recordingLogger() });
    for (const content of ["日本語".repeat(160), "x".repeat(1_000_000)]) {
      expect(await counter.count(taskOf("chat-tiny"), chat(content))).toMatchObject({ kind: "unusable" });
    }
  });

  it("knows nothing of images and of other models, nor while its files cannot be read", async () => {
    const counter = createEmbeddedPromptCounter({ logger: recordingLogger() });
    expect(await counter.count(taskOf("image-tiny"), { prompt: "x" })).toEqual({ kind: "unknown" });
    expect(await counter.count(taskOf("chat-llama-3-1-8b"), chat("x"))).toEqual({ kind: "unknown" });
    const logger = recordingLogger();
    let loads = 0;
    const failing = createEncoderCache(async (model) => {
      loads += 1;
      if (loads === 1) throw new Error("disk full");
      return loadPromptEncoder(model);
    });
    const recovering = createEmbeddedPromptCounter({ logger }, failing);
    expect(await recovering.count(taskOf("chat-tiny"), chat("x"))).toEqual({ kind: "unknown" });
    expect(logger.lines).toMatchObject([{ level: "warn", message: "Prompts cannot be counted" }]);
    expect(await recovering.count(taskOf("chat-tiny"), chat("x"))).toMatchObject({ kind: "counted" });
  });
});
