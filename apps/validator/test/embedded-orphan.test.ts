import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { isProcessAlive } from "../src/adapters/embedded-postgres/postmaster-file.js";
import { appDir, bundlePrograms } from "./bundle-programs.js";

let programs: Awaited<ReturnType<typeof bundlePrograms>>;
let folder = "";
let script = "";
const children: ChildProcess[] = [];

type Started = { readonly child: ChildProcess; readonly pid: number; readonly isAdopted: boolean; readonly rows: number };

/** Starts the database in a process of its own, which adds a row and then waits. */
async function start(): Promise<Started> {
  const child = spawn(process.execPath, [script, join(folder, "data")], { cwd: appDir, stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as Omit<Started, "child">) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vision-orphan-"));
  programs = await bundlePrograms("tsup.config.mjs");
  script = join(programs.folder, "hold-database.js");
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
  await programs.remove();
});

describe("an embedded database whose validator was killed with -9", () => {
  it("lives on, is adopted by the next validator, and is gone after that one has stopped", async () => {
    const first = await start();
    expect(first).toMatchObject({ isAdopted: false, rows: 1 });
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    expect(isProcessAlive(first.pid)).toBe(true);

    const second = await start();
    expect(second).toMatchObject({ isAdopted: true, pid: first.pid, rows: 2 });

    second.child.kill("SIGKILL");
    await once(second.child, "exit");
    process.kill(first.pid, "SIGKILL");
    const third = await start();
    expect(third).toMatchObject({ isAdopted: false, rows: 3 });
    expect(third.pid).not.toBe(first.pid);

    third.child.stdin?.end();
    const [exitCode] = await once(third.child, "exit");
    expect(exitCode).toBe(0);
    expect(isProcessAlive(third.pid)).toBe(false);
  });
});
