import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { childEnvironment } from "@vision/program";

const SHOWN_LOG_LINES = 15;
const MOST_LOG_WAIT_MS = 1_000;

/** A program that localnet started. */
export type Program = {
  readonly name: string;
  /** Resolves with the exit code (null: ended by a signal). */
  readonly exited: Promise<number | null>;
  isRunning(): boolean;
  /** The last lines that it printed; where it has ended, the very last. */
  readLogEnd(): Promise<string>;
  /** Asks the program to stop; ends it by force when it has not stopped in time. */
  stop(graceMs: number): Promise<void>;
  /** Ends the program at once, as a crash or `kill -9` does. */
  kill(): Promise<void>;
};

export type ProgramOptions = {
  readonly name: string;
  /** Path of the script for Node. */
  readonly script: string;
  readonly args: readonly string[];
  /** File that stdout and stderr of the program go to. */
  readonly logFile: string;
};

/**
 * Starts a Node program with its output in a file. The program holds an IPC channel to us and ends when we are gone, however we ended.
 */
export function startProgram(options: ProgramOptions): Program {
  const log = createWriteStream(options.logFile, { flags: "a" });
  const child: ChildProcess = spawn(process.execPath, ["--no-warnings", options.script, ...options.args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A DATABASE_URL or a setting in the shell would win over the configuration that the program is given.
    env: childEnvironment(process.env),
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  let isRunning = true;
  const exited = new Promise<number | null>((resolve) => {
    const finish = (code: number | null) => {
      isRunning = false;
      resolve(code);
    };
    child.on("exit", finish);
    child.on("error", () => finish(1));
  });
  // What it printed last may come after its end.
  const logged = new Promise<void>((resolve) => child.on("close", () => log.end(resolve)));
  return {
    name: options.name,
    exited,
    isRunning: () => isRunning,
    async readLogEnd() {
      // A process that it started and left may hold its output open.
      if (!isRunning) await Promise.race([logged, sleep(MOST_LOG_WAIT_MS, undefined, { ref: false })]);
      const text = await readFile(options.logFile, "utf8").catch(() => "");
      return text.trim().split("\n").slice(-SHOWN_LOG_LINES).join("\n");
    },
    async stop(graceMs) {
      if (!isRunning) return;
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(force);
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
