import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
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
  async function run(files: Readonly<Record<string, string>>, limits: { readonly runMs: number; readonly endMs: number }) {
    for (const [name, body] of Object.entries(files)) {
      await writeFile(
        join(folder, `${name}.left.mjs`),
        `import { spawn } from "node:child_process"; import { createServer } from "node:http";\n${body}`,
      );
    }
    const code = `
      const { runJest } = await import(${JSON.stringify(join(root, "scripts", "run-jest.mjs"))});
      process.exit(await runJest(["-w", "1", "--no-cache"], { cwd: ${JSON.stringify(folder)}, limits: ${JSON.stringify(limits)} }));`;
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

  it.each(Object.entries(leftovers))("that failed did not exit, for %s that it left", async (_what, start) => {
    const files = { fails: `test("fails", () => { ${start} throw new Error("on purpose"); });`, works: `test("works", () => {});` };
    const { status, output } = await run(files, { runMs: 50_000, endMs: 500 });
    expect(output).toContain("on purpose");
    expect(output).toContain("1 failed, 1 passed");
    expect(status).toBe(1);
  });

  it("that worked says so, whatever it left", async () => {
    const { status, output } = await run({ works: `test("works", () => { ${leftovers["a server"]} });` }, { runMs: 50_000, endMs: 500 });
    expect({ status, isTold: output.includes("--detectOpenHandles") }).toEqual({ status: 0, isTold: true });
  });

  it("that never ends is ended", async () => {
    const endless = `test("hangs", () => new Promise(() => { setInterval(() => {}, 1_000); }), 600_000);`;
    const { status, output } = await run({ endless }, { runMs: 5_000, endMs: 500 });
    expect({ status, isTold: output.includes("took longer") }).toEqual({ status: 124, isTold: true });
  });
});
