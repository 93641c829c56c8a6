import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "@jest/globals";
import { describeReferenceModel } from "@vision/checking/testing";
import type { ReferenceSettings } from "../src/config/index.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createModelProcess } from "../src/threads/model-process.js";
import { bundlePrograms } from "./bundle-programs.js";

const path = fileURLToPath(new URL("../../../packages/tiny/models/tiny-lm-q8_0.gguf", import.meta.url));
const settings: ReferenceSettings = { kind: "gguf", path, tasks: ["chat-tiny"], threads: 1, contextTokens: 512, gpu: false };
const signal = new AbortController().signal;

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("createModelProcess", () => {
  const logger = recordingLogger();
  const model = createModelProcess({ moduleUrl: new URL("./fixtures/crashing-model.mjs", import.meta.url), settings }, { logger });

  it("an engine that crashed took the whole validator along: now its questions reject, and the next one starts it again", async () => {
    const [, first = 0] = await model.encode("good", signal);
    expect(isRunning(first)).toBe(true);
    const lost = await Promise.all(["silence", "poison"].map((text) => model.encode(text, signal).catch((error: Error) => error.message)));
    expect(lost).toEqual(Array(2).fill("the reference's process ended: SIGKILL"));
    expect(logger.lines).toMatchObject([{ level: "warn", facts: { tasks: ["chat-tiny"], reason: "SIGKILL" } }]);
    const [, second = 0] = await model.encode("good", signal);
    expect(second).not.toBe(first);
  });

  it("waits for no answer that nobody wants any more", async () => {
    const stop = new AbortController();
    const asking = model.encode("silence", stop.signal);
    stop.abort(new Error("enough"));
    await expect(asking).rejects.toThrow("cancelled");
    await expect(model.encode("good", stop.signal)).rejects.toThrow("enough");
  });

  it("an engine that runs strangers' bytes was given the validator's passwords in its environment", async () => {
    // Jest sets NODE_ENV in the environment of the process that runs this, and no test can set anything there.
    const names: unknown = await model.facts(signal);
    expect(names).toContain("PATH");
    expect(names).not.toContain("NODE_ENV");
  });

  it("ends its process when it is closed, and starts none after that", async () => {
    const [, pid = 0] = await model.encode("good", signal);
    await model.close();
    expect(isRunning(pid)).toBe(false);
    await expect(model.encode("good", signal)).rejects.toThrow("closed");
    await model.close();
  });
});

async function isInstalled(): Promise<boolean> {
  const packageName = "node-llama-cpp";
  return import(packageName).then(
    () => true,
    () => false,
  );
}

// Runs where node-llama-cpp is installed (`npm install --no-save node-llama-cpp`); reported as skipped elsewhere.
if (await isInstalled()) {
  const bundle = await bundlePrograms("threads.tsup.config.mjs");
  afterAll(() => bundle.remove());
  describeReferenceModel("a GGUF file in a process of its own", async () =>
    createModelProcess({ moduleUrl: pathToFileURL(`${bundle.folder}/reference-process.js`), settings }, { logger: recordingLogger() }),
  );
} else {
  describe.skip("a GGUF file in a process of its own (node-llama-cpp is not installed)", () => {
    it.todo("answers as any reference model");
  });
}
