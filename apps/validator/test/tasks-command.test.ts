import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type FakeVllm, startFakeVllm } from "@vision/checking/testing";
import { z } from "zod";
import { readModelServer } from "../src/adapters/model-server-facts.js";
import { runVision } from "./run-vision.js";

let folder = "";
let path = "";
let vllm: FakeVllm;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-tasks-command-"));
  path = join(folder, "tasks.json");
  vllm = await startFakeVllm({ model: "HuggingFaceTB/SmolLM2-135M-Instruct", contextTokens: 513, maxLogprobs: 20 });
});
afterEach(() => rm(path, { force: true }));
afterAll(async () => {
  await vllm.close();
  await rm(folder, { recursive: true, force: true });
});

const vision = (...argv: readonly string[]) =>
  runVision(argv, {
    environment: { VISION_VALIDATOR_TASKS_FILE: path, VISION_VALIDATOR_DATABASE_DATA_DIR: folder },
    workingDirectory: folder,
  });

const written = async () => JSON.parse(await readFile(path, "utf8")) as unknown;
const listed = async () => {
  const { out } = await vision("tasks", "list", "--json");
  const { tasks } = z.object({ tasks: z.array(z.looseObject({ id: z.string() })) }).parse(JSON.parse(out));
  return new Map(tasks.map((task) => [task.id, task]));
};

/** A server that answers paths with JSON; everything else is 404. */
async function withServer<Result>(answers: Readonly<Record<string, unknown>>, work: (url: string) => Promise<Result>): Promise<Result> {
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const signal = new AbortController().signal;
const llamaList = { object: "list", data: [{ id: "smol.gguf", owned_by: "llamacpp", meta: { n_ctx_train: 8192 } }] };
const llamaServer = { "/v1/models": llamaList, "/props": { default_generation_settings: { n_ctx: 4096 }, total_slots: 1 } };

describe("vision-validator tasks", () => {
  it("add makes a task and its reference of a vLLM server, asking nothing, and the file is for its owner alone", async () => {
    const added = await vision("tasks", "add", "--from", `${vllm.url}/v1`, "--share", "250000");
    expect(added).toMatchObject({ exitCode: 0, out: "chat-smollm2-135m-instruct\n" });
    expect(await written()).toMatchObject({
      tasks: {
        "chat-smollm2-135m-instruct": {
          family: "chat-completions",
          model: "HuggingFaceTB/SmolLM2-135M-Instruct",
          contextTokens: 512,
          check: { kind: "teacher-forcing", samplers: expect.arrayContaining(["gumbel-murmur3", "unknown"]) },
          isEnabled: true,
        },
      },
      references: [{ kind: "vllm", url: `${vllm.url}/v1`, tasks: ["chat-smollm2-135m-instruct"] }],
      shares: { "chat-smollm2-135m-instruct": 250_000 },
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await listed()).get("chat-smollm2-135m-instruct")).toMatchObject({ isEnabled: true, share: 0.2, reference: "vllm" });

    await vision("tasks", "add", "--from", `${vllm.url}/v1`, "--family", "completions");
    expect(await written()).toMatchObject({ references: [{ tasks: ["chat-smollm2-135m-instruct", "completion-smollm2-135m-instruct"] }] });
    const table = (await vision("tasks", "list")).out;
    expect(table).toMatch(/completion-smollm2-135m-instruct +on .* 0\.0 % .*vllm/);
    expect(table).toMatch(/chat-llama-3-1-8b +off .*none: pays nobody/);
    expect(table).toMatch(/chat-tiny +on .*embedded/);

    expect(await vision("tasks", "disable", "chat-smollm2-135m-instruct")).toMatchObject({ exitCode: 0 });
    expect((await listed()).get("chat-smollm2-135m-instruct")).toMatchObject({ isEnabled: false, share: 0 });
    expect(await vision("tasks", "enable", "chat-smollm2-135m-instruct")).toMatchObject({ exitCode: 0 });
    expect(await vision("tasks", "remove", "chat-smollm2-135m-instruct")).toMatchObject({ exitCode: 0 });
    expect(await written()).toMatchObject({ references: [{ tasks: ["completion-smollm2-135m-instruct"] }], shares: {} });
    expect(await vision("tasks", "remove", "image-tiny")).toMatchObject({ exitCode: 0 });
    expect((await listed()).has("image-tiny")).toBe(false);
  });

  it("add leaves a task off whose server cannot be a reference, and enable refuses it until one is there", async () => {
    await withServer(llamaServer, async (url) => {
      const added = await vision("tasks", "add", "--from", url, "--id", "chat-smol");
      expect(added).toMatchObject({ exitCode: 0, out: "chat-smol\n" });
      expect(added.error).toContain("The task is off: llama.cpp cannot tell");
    });
    expect((await listed()).get("chat-smol")).toMatchObject({ isEnabled: false, contextTokens: 4096, reference: "none: pays nobody" });
    expect(await vision("tasks", "enable", "chat-smol")).toMatchObject({ exitCode: 2 });
  });

  it("add made one server its own second opinion where the configuration names it for the task, or with another ending of its address", async () => {
    const model = "HuggingFaceTB/SmolLM2-135M-Instruct";
    const task = { VISION_VALIDATOR_TASK_CHANGES: JSON.stringify({ "chat-llama-3-1-8b": { model } }) };
    const reference = { kind: "vllm", url: `${vllm.url}/v1/`, model, tasks: ["chat-llama-3-1-8b"] };
    const configured = { ...task, VISION_VALIDATOR_REFERENCES: JSON.stringify([reference]) };
    const add = (from: string, more: Readonly<Record<string, string>>) =>
      runVision(["tasks", "add", "--id", "chat-llama-3-1-8b", "--from", from], {
        environment: { VISION_VALIDATOR_TASKS_FILE: path, VISION_VALIDATOR_DATABASE_DATA_DIR: folder, ...more },
        workingDirectory: folder,
      });
    expect(await add(vllm.url, configured)).toMatchObject({ exitCode: 0 });
    expect(await written()).toMatchObject({ tasks: { "chat-llama-3-1-8b": { isEnabled: true } } });
    expect(await written()).not.toHaveProperty("references");
    await rm(path);
    expect(await add(vllm.url, task)).toMatchObject({ exitCode: 0 });
    expect(await add(`${vllm.url}/v1`, task)).toMatchObject({ exitCode: 0 });
    const { references } = z.object({ references: z.array(z.unknown()) }).parse(await written());
    expect(references).toHaveLength(1);
  });

  it("changes nothing where the change would be bad, and says how things end", async () => {
    await writeFile(path, JSON.stringify({ tasks: { "image-tiny": { isEnabled: false } } }));
    await vision("tasks", "disable", "chat-tiny");
    await vision("tasks", "disable", "embedding-tiny");
    const before = await written();
    const last = await vision("tasks", "disable", "completion-tiny");
    expect(last).toMatchObject({ exitCode: 2, error: expect.stringContaining("no task is switched on") });
    expect(last.error).toContain(path);
    expect(await written()).toEqual(before);
    expect(await vision("tasks", "remove", "chat-nowhere")).toMatchObject({ exitCode: 4 });
    expect(await vision("tasks", "add", "--from", "localhost:8000")).toMatchObject({ exitCode: 2 });
    expect(await vision("tasks", "add", "--from", "http://127.0.0.1:1/v1")).toMatchObject({ exitCode: 3 });
    await writeFile(path, "{");
    expect(await vision("tasks", "list")).toMatchObject({ exitCode: 2, error: expect.stringContaining("is not JSON") });
  });
});

describe("readModelServer", () => {
  it("reads what a real vLLM was recorded to say", async () => {
    const recorded = new URL("../../../packages/protocol/test/fixtures/vllm-0.32.transcripts.json", import.meta.url);
    const schema = z.object({ exchanges: z.array(z.object({ name: z.string(), response: z.object({ body: z.string().nullish() }) })) });
    const { exchanges } = schema.parse(JSON.parse(readFileSync(recorded, "utf8")));
    const models: unknown = JSON.parse(exchanges.find(({ name }) => name === "models")?.response.body ?? "null");
    await withServer({ "/v1/models": models }, async (url) => {
      expect(await readModelServer({ url }, signal)).toEqual({ engine: "vLLM", model: "smollm2", contextTokens: 1024 });
    });
  });

  it("reads the context where llama.cpp and Ollama have it", async () => {
    await withServer(llamaServer, async (url) => {
      expect(await readModelServer({ url }, signal)).toEqual({ engine: "llama.cpp", model: "smol.gguf", contextTokens: 4096 });
    });
    const ollama = {
      "/v1/models": { data: ["llama3:latest", "qwen2:latest"].map((id) => ({ id, owned_by: "library" })) },
      "/api/show": { model_info: { "general.architecture": "llama", "llama.context_length": 8192 } },
    };
    await withServer(ollama, async (url) => {
      expect(await readModelServer({ url, model: "llama3" }, signal)).toEqual({
        engine: "Ollama",
        model: "llama3:latest",
        contextTokens: 8192,
      });
      await expect(readModelServer({ url }, signal)).rejects.toThrow(
        "has several models; give --model: it has llama3:latest, qwen2:latest",
      );
    });
  });

  it("refuses what is no model server", async () => {
    await withServer({ "/v1/models": { data: "x" } }, async (url) => {
      await expect(readModelServer({ url }, signal)).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    });
  });
});
