import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { createRegistry, getFamily, measureDraws, readSamplingRules, type Task } from "@vision/protocol";
import { loadLanguageModel } from "@vision/tiny";
import { backendContractSuite } from "../../testing/backend-contract.js";
import { createBackendCall } from "../backend-call.js";
import type { BackendCall, BackendPart } from "../inference-backend.js";
import { llamaCpp } from "./llama-cpp.js";

const modelPath = fileURLToPath(new URL("../../../../tiny/models/tiny-lm-q8_0.gguf", import.meta.url));

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve("node-llama-cpp");
    return true;
  } catch (error) {
    // An ES module that cannot be required is installed all the same.
    return typeof error === "object" && error !== null && "code" in error && error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED";
  }
}

function taskOf(id: string): Task {
  const task = createRegistry().get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}

function callOf(taskId: string, request: Record<string, unknown>): BackendCall {
  const task = taskOf(taskId);
  const family = getFamily(task.family);
  const signal = new AbortController().signal;
  return createBackendCall({ task, request: family.requestSchema.parse({ model: task.model, ...request }), isStream: false, signal });
}

const question = { messages: [{ role: "user", content: "What is the capital of Italy?" }], max_tokens: 48, temperature: 0, seed: 1 };

async function body(backend: ReturnType<typeof llamaCpp>, call: BackendCall) {
  const parts: BackendPart[] = [];
  for await (const part of backend.run(call)) parts.push(part);
  return JSON.parse(parts[0]?.kind === "body" ? parts[0].body : "{}");
}

describe("llamaCpp", () => {
  it("names every mistake in its options", () => {
    expect(() => llamaCpp({ modelPath: "", threads: -1 })).toThrow(/modelPath[\s\S]*threads/);
  });

  it("refuses images, whether llama.cpp is there or not", async () => {
    const call = callOf("image-tiny", { prompt: "red apple" });
    await expect(body(llamaCpp({ modelPath }), call)).rejects.toMatchObject({ code: "invalid" });
  });

  (isInstalled() ? it.skip : it)("says how to install node-llama-cpp when it is missing", async () => {
    const backend = llamaCpp({ modelPath });
    await expect(body(backend, callOf("chat-tiny", question))).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("npm install node-llama-cpp"),
    });
    expect(await backend.checkHealth?.({ signal: new AbortController().signal })).toMatchObject({ isHealthy: false });
  });
});

// Runs where node-llama-cpp is installed (`npm install --no-save node-llama-cpp`); reported as skipped elsewhere.
(isInstalled() && existsSync(modelPath) ? describe : describe.skip)("llamaCpp with node-llama-cpp", () => {
  const createBackend = () => llamaCpp({ modelPath, contextTokens: 512, gpu: false });

  it("answers like the embedded engine on the same file, and its claims pass the embedded check", async () => {
    const backend = createBackend();
    const model = await loadLanguageModel("tiny-lm-q8_0");
    const { choices } = await body(backend, callOf("chat-tiny", question));
    expect(choices[0].message.content).toBe("The capital of Italy is Rome.");
    const promptTokens = model.chatPrompt(question.messages);
    const reference = [...model.generate({ promptTokens, maxTokens: 48, temperature: 0, seed: 1 })];
    const claimed: { bytes: number[]; logprob: number }[] = choices[0].logprobs.content;
    expect(claimed.map((token) => token.bytes)).toEqual(reference.map((token) => [...token.bytes]));
    claimed.forEach((token, index) => {
      expect(token.logprob).toBeCloseTo(reference[index]?.logprob ?? Number.NaN, 1);
    });
    await backend.close?.();
  });

  it("samples with the embedded engine's noise: the same seed gives the same tokens but for rounding", async () => {
    const backend = createBackend();
    const model = await loadLanguageModel("tiny-lm-q8_0");
    let matches = 0;
    let total = 0;
    for (let seed = 1; seed <= 8; seed += 1) {
      const messages = [{ role: "user", content: "Tell me a story about a dog." }];
      const { choices } = await body(backend, callOf("chat-tiny", { messages, max_tokens: 40, temperature: 0.7, seed }));
      const promptTokens = model.chatPrompt(messages);
      const outputTokens: number[] = [];
      for (const { bytes } of choices[0].logprobs.content as { bytes: number[] }[]) {
        const endToken = model.tokenizer.specialTokenId("<|im_end|>") ?? -1;
        outputTokens.push(bytes.length === 0 ? endToken : (model.tokenizer.idOfBytes(Uint8Array.from(bytes)) ?? -1));
      }
      const positions = model.score({ promptTokens, outputTokens });
      const margins = measureDraws({
        positions,
        promptTokens,
        sampler: "gumbel-murmur3",
        rules: readSamplingRules({ temperature: 0.7 }),
        seed,
      });
      matches += (margins ?? []).filter((margin) => margin === 0).length;
      total += positions.length;
    }
    expect(matches / total).toBeGreaterThan(0.97);
    await backend.close?.();
  });

  for (const { name, run } of backendContractSuite({
    createBackend,
    task: taskOf("chat-tiny"),
    request: question,
    isDeterministic: true,
  })) {
    it(name, run);
  }
});
