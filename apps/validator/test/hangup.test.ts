import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createDevnet, type Devnet } from "@vision/devnet";
import { isProcessAlive } from "../src/adapters/embedded-postgres/postmaster-file.js";
import { startTestPostgres, type TestPostgres } from "../src/testing/test-postgres.js";
import { bundlePrograms } from "./bundle-programs.js";

let programs: Awaited<ReturnType<typeof bundlePrograms>>;
let devnet: Devnet;
let postgres: TestPostgres;
let folder = "";
let database = "";
const children: ChildProcess[] = [];
const pids: number[] = [];

beforeAll(async () => {
  const neurons = [{ hotkey: "//Alice", coldkey: "//Bob", stakeRao: 1_000_000_000_000n, hasPermit: true }];
  [programs, devnet, postgres, folder] = await Promise.all([
    bundlePrograms("../../tsup.config.mjs"),
    createDevnet({ production: "instant", subnets: [{ netuid: 2, neurons }] }),
    startTestPostgres(),
    mkdtemp(join(tmpdir(), "vision-hangup-")),
  ]);
  database = await postgres.createDatabase();
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const pid of pids) if (isProcessAlive(pid)) process.kill(pid, "SIGKILL");
  await Promise.all([devnet.close(), postgres.stop(), programs.remove(), rm(folder, { recursive: true, force: true })]);
});

async function lineWith(lines: AsyncIterator<string>, text: string): Promise<Record<string, unknown>> {
  for (;;) {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the program ended before it said "${text}"`);
    if (line.value.includes(text)) return JSON.parse(line.value);
  }
}

// `script`, of util-linux, is a terminal for a program that has none.
const describeAtATerminal = existsSync("/usr/bin/script") && process.platform === "linux" ? describe : describe.skip;

describeAtATerminal("vision-validator run at a terminal", () => {
  it("reads its tasks again at a SIGHUP while the terminal is there, and stops once that is closed", async () => {
    await promisify(execFile)("mkfifo", [join(folder, "ended")]);
    const ended = readFile(join(folder, "ended"), "utf8");
    const settings = ["--network", devnet.url, "--netuid", "2", "--hotkey-uri", "//Alice", "--hotkey-are-dev-keys-allowed"];
    const places = ["--database-url", database, "--database-data-dir", "data", "--gateway-port", "0", "--metrics-port", "0"];
    const run = [process.execPath, join(programs.folder, "main.js"), "run", ...settings, ...places].join(" ");
    // Ends with the terminal, upon which what runs at the terminal is told; the inner one lives on to tell how the validator ended.
    const shell = join(folder, "run.sh");
    await writeFile(shell, `trap '' HUP\nsh -c 'echo "{\\"pid\\":$$}"; exec ${run}'\necho $? > ended\n`);
    const command = `sh ${shell}; :`;
    const terminal = spawn("/usr/bin/script", ["-qec", command, "/dev/null"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    children.push(terminal);
    const lines = createInterface({ input: terminal.stdout })[Symbol.asyncIterator]();
    const pid = Number((await lineWith(lines, "pid"))["pid"]);
    pids.push(pid);
    await lineWith(lines, "The validator runs");
    process.kill(pid, "SIGHUP");
    await lineWith(lines, "The file of tasks is good");
    terminal.kill("SIGKILL");
    // 128 and the number of SIGHUP.
    expect(await ended).toBe("129\n");
  }, 40_000);
});
