import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createMemoryTerminal } from "@vision/program/testing";
import { createHotkeyFromUri, createMiner, ready, silentLogger } from "@vision/sdk";
import { tiny } from "@vision/sdk/backends";
import { serve } from "@vision/sdk/node";
import { safeParseReference } from "../checking/parse-reference.js";
import { minerConfigSchema } from "../config/miner-config.js";
import { createStaticDirectory } from "../validators/static-directory.js";
import { type CheckCommandOptions, checkCommand } from "./check-command.js";

/** Backends as operators write them, each between the miner and an honest one. */
const modules = {
  otherSeed: "call => inner.run({ ...call, request: { ...call.request, seed: 7 } })",
  hotter: "call => inner.run({ ...call, request: { ...call.request, temperature: call.request.temperature * 1.5 } })",
  broken: 'async function* () { throw new Error("out of memory") }',
} as const;

let folder: string;
beforeAll(async () => {
  await ready();
  folder = await mkdtemp(join(tmpdir(), "vision-check-"));
  for (const [name, run] of Object.entries(modules)) {
    await writeFile(join(folder, `${name}.mjs`), `export default (_options, { inner }) => ({ ...inner, name: "${name}", run: ${run} });`);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function check(backend: "honest" | keyof typeof modules, options: Partial<CheckCommandOptions> = {}, task: object = {}) {
  const inner = { kind: "tiny" };
  const settings = minerConfigSchema.parse({
    hotkey: { uri: "//Miner", areDevKeysAllowed: true },
    tasks: { "chat-tiny": { capacityPerHour: 1, ...task } },
    backends: { own: backend === "honest" ? inner : { kind: "module", path: join(folder, `${backend}.mjs`), inner } },
  });
  const terminal = createMemoryTerminal();
  const exitCode = await checkCommand(
    { settings, folder },
    {
      ...{ reference: { kind: "embedded" }, modelName: null, taskIds: null, answersEach: 6, seed: "check", url: null, isJson: false },
      ...options,
    },
    { terminal, environment: {}, signal: new AbortController().signal },
  );
  return { exitCode, printed: terminal.printed.join("\n"), noted: terminal.noted.join("\n") };
}

describe("vision-miner check", () => {
  it("finds no fault in an honest backend, whatever capacity the settings declare, and tells how far it is", async () => {
    const { exitCode, printed, noted } = await check("honest");
    expect(printed).toMatch(/^chat-tiny +gumbel-murmur3 +6 +0 +1\.000 +0\.00 % +0\.00 % +0\.0 +pay in full$/m);
    expect(printed).toContain("--seed check");
    expect(noted).toMatch(/6 of 6 answered[\s\S]*6 of 6 judged/);
    expect(exitCode).toBe(0);
  });

  it("a miner with room for one was asked for four at once, and told that it refuses: no more are sent than it has room for", async () => {
    const { exitCode, printed } = await check("honest", {}, { concurrency: 1 });
    expect(printed).toMatch(/^chat-tiny +gumbel-murmur3 +6 +0 .* pay in full$/m);
    expect(exitCode).toBe(0);
  });

  it("says what a validator would hold against draws by another seed, and what to do", async () => {
    const { exitCode, printed } = await check("otherSeed");
    expect(printed).toMatch(/^chat-tiny .* pay nothing$/m);
    expect(printed).toMatch(/otherTokens, \d times \(.+\): Other tokens than model, prompt and seed give/);
    expect(printed).toMatch(/the evidence speaks for .+ nats, enough to pay nothing/);
    expect(exitCode).toBe(1);
  });

  it("finds another temperature than the one that was asked for", async () => {
    const { exitCode, printed } = await check("hotter", { answersEach: 12 });
    expect(printed).toMatch(/^chat-tiny .* pay (less|nothing)$/m);
    expect(exitCode).toBe(1);
  });

  it("tells of requests that were not answered at all", async () => {
    const { exitCode, printed } = await check("broken", { answersEach: 2 });
    expect(printed).toMatch(/^chat-tiny +gumbel-murmur3 +0 +2 .* not know$/m);
    expect(printed).toMatch(/failed, 2 times: The backend failed/);
    expect(exitCode).toBe(1);
  });

  it("prints one document for scripts, and the same requests for the same seed", async () => {
    const requestsOf = async (seed: string) => {
      const { tasks } = JSON.parse((await check("honest", { seed, answersEach: 2, isJson: true })).printed);
      return tasks[0].findings.map(({ request }: { request: unknown }) => request);
    };
    const first = await requestsOf("a");
    expect(await requestsOf("a")).toEqual(first);
    expect(await requestsOf("b")).not.toEqual(first);
  });

  it("refuses tasks that are not served, and says which are", async () => {
    expect(await check("honest", { taskIds: ["chat-tniy"] })).toMatchObject({ exitCode: 2, noted: expect.stringContaining("chat-tiny") });
  });

  it("asks a running miner that serves its own hotkey, and says why where it does not", async () => {
    const hotkey = createHotkeyFromUri("//Miner");
    const openFor = async (allowed: string) => {
      const tasks = { "chat-tiny": { capacityPerHour: 60_000 } };
      const miner = createMiner({ hotkey, tasks, backend: tiny(), validators: createStaticDirectory([allowed]), logger: silentLogger });
      return serve(miner, { host: "127.0.0.1", port: 0 });
    };
    const open = await openFor(hotkey.address);
    expect(await check("broken", { url: open.url, answersEach: 2 })).toMatchObject({ exitCode: 0 });
    await open.close();
    const closed = await openFor(createHotkeyFromUri("//Alice").address);
    const refused = { exitCode: 3, noted: expect.stringMatching(/does not tell its capacities.*validators\.allow/) };
    expect(await check("honest", { url: closed.url })).toMatchObject(refused);
    await closed.close();
  });
});

describe("safeParseReference", () => {
  it("reads what judges, and nothing else", () => {
    expect(["embedded", "gguf:/models/a b.gguf", "vllm:http://127.0.0.1:8000/v1"].map(safeParseReference)).toEqual([
      { kind: "embedded" },
      { kind: "gguf", path: "/models/a b.gguf" },
      { kind: "vllm", url: "http://127.0.0.1:8000/v1" },
    ]);
    for (const text of ["", "gguf:", "vllm:", "vllm:ftp://x", "vllm:http://", "ollama:x"]) {
      expect({ text, choice: safeParseReference(text) }).toEqual({ text, choice: null });
    }
  });
});
