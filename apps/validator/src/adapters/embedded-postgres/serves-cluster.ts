import { execFile } from "node:child_process";
import { readlink } from "node:fs/promises";
import { platform } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Whether a PostgreSQL process belongs to a cluster. */
export type Belonging = "ours" | "another's" | "unknown";

/** Tells by its working folder, which PostgreSQL makes its cluster's, or by its command line, whether a process belongs to a cluster. */
export async function servesCluster(pid: number, clusterDir: string): Promise<Belonging> {
  try {
    if (platform() === "linux") return (await readlink(`/proc/${pid}/cwd`)) === clusterDir ? "ours" : "another's";
    if (platform() === "win32") return "unknown";
    const { stdout } = await run("ps", ["-p", String(pid), "-o", "command="]);
    if (stdout.includes(clusterDir)) return "ours";
    return stdout.includes(" -D ") ? "another's" : "unknown";
  } catch {
    return "unknown";
  }
}
