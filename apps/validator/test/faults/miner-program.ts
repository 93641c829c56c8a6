import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleMiner } from "../bundle-programs.js";

/** The reference miner as a program of its own, that can be killed and started again. */
export type MinerProgram = {
  start(): void;
  kill(): Promise<void>;
  /** Ends it, and removes what was made for it. */
  close(): Promise<void>;
};

/** Starts the miner's program with settings of its own; its log goes to `miner.log` in a folder. */
export async function startMinerProgram(folder: string, config: object): Promise<MinerProgram> {
  const programs = await bundleMiner();
  const configFile = join(programs.folder, "miner.json");
  await writeFile(configFile, JSON.stringify(config));
  let child: ChildProcess;

  function start(): void {
    const log = createWriteStream(join(folder, "miner.log"), { flags: "a" });
    child = spawn(process.execPath, [join(programs.folder, "main.js"), "run", "--config", configFile], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  start();
  return {
    start,
    kill,
    async close() {
      await kill();
      await programs.remove();
    },
  };
}
