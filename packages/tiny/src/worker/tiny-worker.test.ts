import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "@jest/globals";
import { loadLanguageModel } from "../language-model/language-model.js";
import type { TinyModelName } from "../model-files.js";
import { createTinyWorker } from "./tiny-worker.js";

const packageDir = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "vision-tiny-"));
mkdirSync(join(folder, "node_modules/@vision"), { recursive: true });
symlinkSync(packageDir, join(folder, "node_modules/@vision/tiny"), "junction");

/** Bundles a program as an app does: sources of this package and all, its models left in the installed package. */
function bundle(name: string, source: string): URL {
  const outfile = join(folder, `${name}.mjs`);
  const options = {
    stdin: { contents: source, resolveDir: folder },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["@vision/source"],
    logLevel: "error",
  };
  execFileSync(process.execPath, ["-e", `require("esbuild").buildSync(${JSON.stringify(options)})`], { cwd: packageDir, stdio: "inherit" });
  return pathToFileURL(outfile);
}

function script(name: string, source: string): URL {
  const path = join(folder, name);
  writeFileSync(path, source);
  return pathToFileURL(path);
}

const workerUrl = bundle("worker", 'import { runTinyWorker } from "@vision/tiny/worker"; runTinyWorker();');
const model = await loadLanguageModel("tiny-lm-small-q8_0");
const promptTokens = model.chatPrompt([{ role: "user", content: "Hello!" }]);
const text = { promptTokens, maxTokens: 20, temperature: 0.7, seed: 3 };

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("createTinyWorker", () => {
  it("gives what the models give in this thread, for calls made at the same time", async () => {
    const worker = createTinyWorker({ workerUrl });
    try {
      const expected = [...model.generate(text)];
      const outputTokens = expected.map(({ tokenId }) => tokenId);
      const [tokens, scores, image] = await Promise.all([
        worker.generateText("tiny-lm-small-q8_0", text),
        worker.score("tiny-lm-small-q8_0", { promptTokens, outputTokens }),
        worker.generateImage("tiny-emoji-diffusion-f16", { prompt: "red apple", seed: 7, steps: 2, guidanceScale: 3 }),
      ]);
      expect(tokens.map(({ tokenId, logprob }) => [tokenId, logprob])).toEqual(expected.map(({ tokenId, logprob }) => [tokenId, logprob]));
      expect(scores).toEqual(model.score({ promptTokens, outputTokens }));
      expect([image.width, image.height, image.pixels.length]).toEqual([32, 32, 3072]);
    } finally {
      await worker.close();
    }
  });

  it("hands on the models' errors, and goes on", async () => {
    const worker = createTinyWorker({ workerUrl });
    try {
      await expect(worker.generateText("tiny-lm-small-q8_0", { ...text, maxTokens: 0 })).rejects.toMatchObject({
        code: "TINY_INVALID_INPUT",
      });
      await expect(worker.generateText("no-such-model" as TinyModelName, text)).rejects.toMatchObject({ code: "TINY_INVALID_MODEL" });
      await expect(worker.generateText("tiny-lm-small-q8_0", { ...text, maxTokens: 1 })).resolves.toHaveLength(1);
    } finally {
      await worker.close();
    }
  });

  it("rejects with the reason of a signal, before and during a call", async () => {
    const worker = createTinyWorker({ workerUrl });
    try {
      const reason = new Error("not wanted any more");
      await expect(worker.generateText("tiny-lm-small-q8_0", { ...text, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const controller = new AbortController();
      const endless = { prompt: "cat face", seed: 1, steps: 200, guidanceScale: 3, signal: controller.signal };
      const call = worker.generateImage("tiny-emoji-diffusion-f16", endless);
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
      await expect(worker.generateText("tiny-lm-small-q8_0", { ...text, maxTokens: 1 })).resolves.toHaveLength(1);
    } finally {
      await worker.close();
    }
  });

  it("rejects what is pending when the thread dies, and starts another at the next call", async () => {
    const dying = script(
      "dying.mjs",
      `import { parentPort } from "node:worker_threads";
       let received = 0;
       parentPort.on("message", ({ id, request }) => {
         received += 1;
         const [token] = request.options.outputTokens;
         if (token === 666) process.exit(3);
         if (token === 667) throw new Error("broken");
         if (token !== 1) parentPort.postMessage({ id, ok: true, result: received });
       });`,
    );
    const worker = createTinyWorker({ workerUrl: dying });
    const callWith = (token: number) => worker.score("tiny-lm-small-q8_0", { promptTokens, outputTokens: [token] });
    await expect(callWith(2)).resolves.toBe(1);
    const waiting = callWith(1);
    const killing = callWith(666);
    await expect(Promise.allSettled([waiting, killing])).resolves.toEqual([
      { status: "rejected", reason: expect.objectContaining({ code: "TINY_WORKER_FAILED" }) },
      { status: "rejected", reason: expect.objectContaining({ code: "TINY_WORKER_FAILED" }) },
    ]);
    await expect(callWith(2)).resolves.toBe(1);
    await expect(callWith(667)).rejects.toMatchObject({
      code: "TINY_WORKER_FAILED",
      cause: expect.objectContaining({ message: "broken" }),
    });
    await expect(callWith(2)).resolves.toBe(1);
    await worker.close();
  });

  it("rejects when its module is missing", async () => {
    const worker = createTinyWorker({ workerUrl: pathToFileURL(join(folder, "missing.mjs")) });
    await expect(worker.generateText("tiny-lm-small-q8_0", text)).rejects.toMatchObject({ code: "TINY_WORKER_FAILED" });
    await worker.close();
  });

  it("rejects pending and later calls when it is closed", async () => {
    const worker = createTinyWorker({ workerUrl });
    const pending = worker.generateText("tiny-lm-small-q8_0", text);
    const refused = expect(pending).rejects.toMatchObject({ code: "TINY_WORKER_FAILED" });
    await worker.close();
    await refused;
    await expect(worker.generateText("tiny-lm-small-q8_0", text)).rejects.toMatchObject({ code: "TINY_WORKER_FAILED" });
  });

  it("does not keep a program alive once its answers are there", () => {
    const program = bundle(
      "program",
      `import { createTinyWorker, loadPromptEncoder } from "@vision/tiny";
       const encoder = await loadPromptEncoder("tiny-lm-small-q8_0");
       const worker = createTinyWorker({ workerUrl: new URL("./worker.mjs", import.meta.url) });
       const promptTokens = encoder.completionPrompt("Once");
       const tokens = await worker.generateText("tiny-lm-small-q8_0", { promptTokens, maxTokens: 3, temperature: 0, seed: 0 });
       console.log(tokens.length);`,
    );
    expect(execFileSync(process.execPath, [fileURLToPath(program)], { encoding: "utf8", timeout: 30_000 })).toBe("3\n");
  });
});
