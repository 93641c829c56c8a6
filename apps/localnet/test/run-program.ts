import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";

/** Path of the built localnet program. The root test script builds it first. */
const localnetProgram = join(import.meta.dirname, "..", "dist", "main.js");

/** A localnet under test, with what it has printed so far. */
export type RunningLocalnet = {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when stderr holds the text. */
  waitForText(text: string): Promise<void>;
  readonly exited: Promise<number | null>;
};

/** Starts localnet in a process group of its own, as a shell does, so that Ctrl-C can be sent to all of it. */
export function startLocalnet(args: readonly string[]): RunningLocalnet {
  const child = spawn(process.execPath, [localnetProgram, ...args], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let stdout = "";
  let stderr = "";
  const waiting = new Set<() => void>();
  child.stdout?.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr?.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
    for (const check of waiting) check();
  });
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    waitForText(text) {
      return new Promise((resolve, reject) => {
        const check = () => {
          if (!stderr.includes(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        void exited.then(() => reject(new Error(`localnet ended before it printed "${text}":\n${stderr}`)));
        check();
      });
    },
    exited,
  };
}

/** Command lines of the running processes that hold the text. */
export function processesWith(text: string): readonly string[] {
  return execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(text) && !line.includes("ps -eo"));
}
