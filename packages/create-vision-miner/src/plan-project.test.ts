import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { defaultTasks } from "@vision/sdk";
import { takeDefaults } from "./ask.js";
import { backendKinds } from "./backend-kinds.js";
import { readArguments } from "./read-arguments.js";
import { writeProject } from "./write-project.js";

const templates = fileURLToPath(new URL("../template", import.meta.url));
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "create-vision-miner-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const planOf = (...words: string[]) => ({ ...takeDefaults(readArguments(words)), name: "My Miner!", sdkVersion: "1.2.3" });

describe("a new project", () => {
  it.each(backendKinds)("for $name leaves no word open and serves a task that the SDK knows", async ({ name, defaultTask }) => {
    const files = await writeProject(folder, planOf("--backend", name), templates);
    expect((await readdir(folder)).sort()).toEqual([...files].sort());
    for (const file of files) expect(await readFile(join(folder, file), "utf8")).not.toMatch(/__[A-Z]+__/);
    expect(defaultTasks.map(({ id }) => id)).toContain(defaultTask);
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    expect(manifest).toMatchObject({ name: "my-miner", dependencies: { "@vision/sdk": "1.2.3" } });
  });

  it("keeps what was said in its settings", async () => {
    await writeProject(folder, planOf("--backend", "ollama", "--url", "http://10.0.0.2:11434/v1", "--model", "llama3.1:8b"), templates);
    expect(await readFile(join(folder, ".env"), "utf8")).toMatch(/MODEL_SERVER_URL=http:\/\/10\.0\.0\.2:11434\/v1\nMODEL="llama3\.1:8b"\n/);
  });

  it("never touches a folder that holds something", async () => {
    await writeFile(join(folder, "mine.txt"), "mine");
    await expect(writeProject(folder, planOf(), templates)).rejects.toThrow(/is not empty \(mine\.txt\)/);
    expect(await readdir(folder)).toEqual(["mine.txt"]);
  });
});

describe("the command line", () => {
  it("names every mistake at once", () => {
    const read = () => readArguments(["a", "b", "--backend", "vlm", "--url", "ftp://x", "--task", "Chat"]);
    expect(read).toThrow(/one folder[\s\S]*--backend is one of[\s\S]*--url is[\s\S]*--task is/);
    expect(() => readArguments(["--nonsense"])).toThrow(/--nonsense/);
  });
});
