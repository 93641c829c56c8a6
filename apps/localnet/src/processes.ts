import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { childEnvironment } from "@vision/program";

/** A program that localnet started. */
export type Program = {
  readonly name: string;
  /** Resolves with the exit code (null: ended by a signal). */
  readonly exited: Promise<number | null>;
  isRunning(): boolean;
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
      if (!isRunning) return;
      isRunning = false;
      log.end();
      resolve(code);
    };
    child.on("exit", finish);
    child.on("error", () => finish(1));
  });
  return {
    name: options.name,
    exited,
    isRunning: () => isRunning,
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
