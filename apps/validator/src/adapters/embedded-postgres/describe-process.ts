import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { platform } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The command line of a process, or null when it cannot be told. */
export async function describeProcess(pid: number): Promise<string | null> {
  try {
    if (platform() === "linux") return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
    if (platform() === "win32") return (await run("tasklist", ["/FI", `PID eq ${pid}`, "/NH"])).stdout;
    return (await run("ps", ["-p", String(pid), "-o", "command="])).stdout;
  } catch {
    return null;
  }
}
