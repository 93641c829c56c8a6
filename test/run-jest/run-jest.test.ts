import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");

// Each starts something and never ends it, as a test does whose cleaning up comes after the line that fails.
const leftovers = {
  "a server": `createServer().listen(0);`,
  "a timer": `setInterval(() => {}, 1_000);`,
  "a process that inherits the output": `spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });`,
};

(process.platform === "win32" ? describe.skip : describe)("a run of the tests", () => {
  let folder: string;
  let runner: ChildProcess | null = null;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "vision-run-jest-"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "jest.config.mjs"), "export default { testMatch: ['**/*.left.mjs'], transform: {} };");
  });
  afterEach(async () => {
    runner?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the test files in the folder as `npm test` does; resolves to the status once the output has ended as well. */
  async function run(files: Readonly<Record<string, string>>, limits: { readonly runMs: number; readonly endMs: number }, workers = 1) {
    for (const [name, body] of Object.entries(files)) {
      await writeFile(
        join(folder, `${name}.left.mjs`),
        `import { spawn } from "node:child_process"; import { createServer } from "node:http"; import { appendFileSync, readFileSync } from "node:fs";\n${body}`,
      );
    }
    const code = `
      const { runJest } = await import(${JSON.stringify(join(root, "scripts", "run-jest.mjs"))});
      process.exit(await runJest(["-w", "${workers}", "--no-cache"], { cwd: ${JSON.stringify(folder)}, limits: ${JSON.stringify(limits)} }));`;
    runner = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [runner.stdout, runner.stderr])
      stream?.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    // Every holder of the pipes is gone.
    const [status] = (await once(runner, "close")) as [number | null];
    return { status, output };
  }

  const inWorkers = [1, 2].flatMap((workers) => Object.entries(leftovers).map(([what, start]) => ({ workers, what, start })));
  it.each(inWorkers)("that failed did not exit, for $what that it left, with workers: $workers", async ({ workers, start }) => {
    const files = { fails: `test("fails", () => { ${start} throw new Error("on purpose"); });`, works: `test("works", () => {});` };
    const { status, output } = await run(files, { runMs: 50_000, endMs: 500 }, workers);
    expect(output).toContain("on purpose");
    expect(output).toContain("1 failed, 1 passed");
    expect(status).toBe(1);
  });

  it("that worked says so, whatever it left", async () => {
    const { status, output } = await run({ works: `test("works", () => { ${leftovers["a server"]} });` }, { runMs: 50_000, endMs: 500 });
    expect({ status, isTold: output.includes("--detectOpenHandles") }).toEqual({ status: 0, isTold: true });
  });

  it("leaves the machine to a suite that needs it for itself, and runs the others side by side", async () => {
    const alone = join(root, "tools", "config", "alone-runner.mjs");
    const project = (names: string) => `{ testMatch: ["**/${names}*.left.mjs"], transform: {} }`;
    await writeFile(
      join(folder, "jest.config.mjs"),
      `export default { projects: [${project("pool")}, { ...${project("alone")}, runner: ${JSON.stringify(alone)} }] };`,
    );
    const log = JSON.stringify(join(folder, "log"));
    const write = (line: string) => `appendFileSync(${log}, "${line} in " + process.pid + "\\n")`;
    // Each of the two waits for the other.
    const pool = (own: string, other: string) =>
      `test("meets", async () => { ${write(own)};
        while (!readFileSync(${log}, "utf8").includes("${other} in")) await new Promise((resolve) => setTimeout(resolve, 20)); });`;
    const files = { pool1: pool("pool1", "pool2"), pool2: pool("pool2", "pool1") };
    const single = (own: string) => `test("is alone", () => { ${write(own)}; });`;
    const { status } = await run({ ...files, alone1: single("alone1"), alone2: single("alone2") }, { runMs: 50_000, endMs: 500 }, 2);
    expect(status).toBe(0);
    const lines = (await readFile(join(folder, "log"), "utf8")).trim().split("\n");
    const processOf = new Map(lines.map((line) => line.split(" in ") as [string, string]));
    expect(processOf.get("alone1")).toBe(processOf.get("alone2"));
    expect(new Set(processOf.values()).size).toBe(3);
    // All of one kind, then all of the other.
    expect(lines.map((line) => line.startsWith("alone")).join()).toMatch(/^(true,true,false,false|false,false,true,true)$/);
  });

  it("that never ends is ended", async () => {
    const endless = `test("hangs", () => new Promise(() => { setInterval(() => {}, 1_000); }), 600_000);`;
    const { status, output } = await run({ endless }, { runMs: 5_000, endMs: 500 });
    expect({ status, isTold: output.includes("took longer") }).toEqual({ status: 124, isTold: true });
  });
});
