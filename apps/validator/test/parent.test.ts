import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { bundlePrograms } from "./bundle-programs.js";

let programs: Awaited<ReturnType<typeof bundlePrograms>>;
let folder = "";
const children: ChildProcess[] = [];
beforeAll(async () => {
  programs = await bundlePrograms("main.tsup.config.mjs");
  folder = await mkdtemp(join(tmpdir(), "vision-parent-"));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await programs.remove();
  await rm(folder, { recursive: true, force: true });
});

describe("vision-validator run, started by another program", () => {
  function start(): ChildProcess {
    const argv = ["run", "--network", "ws://127.0.0.1:1", "--netuid", "1", "--hotkey-uri", "//Alice", "--hotkey-are-dev-keys-allowed"];
    const child = fork(join(programs.folder, "main.js"), [...argv, "--database-data-dir", join(folder, "data")], { silent: true });
    children.push(child);
    return child;
  }

  it("ends by itself when the channel to that program closes", async () => {
    const child = start();
    // Its first line of log tells that it is under way; it then waits for a chain that is not there.
    await once(child.stderr ?? child, "data");
    const exit = once(child, "exit");
    child.disconnect();
    expect(await exit).toEqual([0, null]);
  });

  it("ran for ever when that program was gone before it could listen for it", async () => {
    const child = start();
    const exit = once(child, "exit");
    child.disconnect();
    expect(await exit).toEqual([0, null]);
  });
});
