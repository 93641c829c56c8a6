import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { platform } from "node:os";
import { basename } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Name of the program that a process runs, without its arguments; null when it cannot be told. */
export async function processName(pid: number): Promise<string | null> {
  try {
    if (platform() === "linux") return (await readFile(`/proc/${pid}/comm`, "utf8")).trim();
    if (platform() === "win32") return (await run("tasklist", ["/FI", `PID eq ${pid}`, "/NH", "/FO", "CSV"])).stdout.trim().slice(1);
    return basename((await run("ps", ["-p", String(pid), "-o", "comm="])).stdout.trim());
  } catch {
    return null;
  }
}
