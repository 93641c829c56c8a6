import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { readBlocks } from "./read-blocks.js";

const root = join(import.meta.dirname, "..", "..");
const cache = join(root, "node_modules", ".cache"); // from here the packages are found as an installed project finds them
const blocks = new Map(readBlocks(root).map(({ id, text }) => [id, text]));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("what the quickstarts let their reader do", () => {
  let folder = "";
  let port = 0;
  const started: ChildProcess[] = [];

  /** Writes a block as the file that it becomes; only the port is another. */
  function write(id: string, name: string): string {
    const text = blocks.get(id);
    if (text === undefined) throw new Error(`there is no block ${id}`);
    const path = join(folder, name);
    writeFileSync(path, text.replaceAll("8091", String(port)));
    return path;
  }

  const run = (...args: readonly string[]) => spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });

  beforeAll(async () => {
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "docs-blocks-"));
    port = await freePort();
  });

  afterAll(async () => {
    for (const child of started.filter(({ exitCode }) => exitCode === null)) {
      child.kill("SIGINT");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it("a miner in a file of its own serves, and is asked by a client in another", async () => {
    const miner = spawn(process.execPath, [write("docs/mining/quickstart.md#9", "miner.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
    started.push(miner);
    const [line] = await once(createInterface({ input: miner.stdout }), "line");
    expect(line).toMatch(/^Serving at http:\/\/\S+ as 5Grwva/);
    const asked = run(write("docs/mining/quickstart.md#4", "ask.mjs"));
    expect({ status: asked.status, stderr: asked.stderr }).toEqual({ status: 0, stderr: "" });
    expect(asked.stdout).toContain("Rome");
  });

  it("the contract's suite passes", () => {
    const { status, stdout } = run("--test", write("docs/mining/quickstart.md#10", "backend.test.mjs"));
    expect({ status, failed: /^# fail (\d+)$/m.exec(stdout)?.[1] }).toEqual({ status: 0, failed: "0" });
  });

  it("the miner's first configuration has no mistake, nor one with a backend of one's own", () => {
    const miner = join(root, "apps", "miner", "dist", "main.js");
    const first = write("docs/mining/quickstart.md#2", "miner.json");
    expect(run(miner, "check-config", "--config", first).status).toBe(0);
    write("docs/mining/quickstart.md#7", "my-backend.mjs");
    const local = { kind: "module", path: "my-backend.mjs", options: { atNight: false }, inner: { kind: "tiny" } };
    writeFileSync(first, JSON.stringify({ ...JSON.parse(blocks.get("docs/mining/quickstart.md#2") ?? ""), backends: { local } }));
    expect(run(miner, "check-config", "--config", first).status).toBe(0);
  });

  it("a validator's configuration with mistakes is refused in the words that the page shows", () => {
    const path = join(folder, "validator.json");
    const hotkey = { uri: "//Alice", areDevKeysAllowed: true };
    writeFileSync(path, JSON.stringify({ network: "finney", hotkey, gatway: { port: 8080 } }));
    const { status, stderr, stdout } = run(
      join(root, "apps", "validator", "dist", "main.js"),
      "check-config",
      "--config",
      "validator.json",
    );
    expect(status).not.toBe(0);
    expect(stderr + stdout).toContain(blocks.get("docs/validating/quickstart.md#5")?.trimEnd());
  });
});
