import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What PostgreSQL says about itself in `postmaster.pid`. */
export type PostmasterFile = { readonly pid: number; readonly port: number | null; readonly isReady: boolean };

/** Parses the text of a `postmaster.pid`; null when it holds no process id. Lines: pid, folder, start time, port, socket, host, shm, status. */
function parsePostmasterFile(text: string): PostmasterFile | null {
  const lines = text.split("\n");
  const pid = Number.parseInt(lines[0] ?? "", 10);
  const port = Number.parseInt(lines[3] ?? "", 10);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  return { pid, port: Number.isSafeInteger(port) && port > 0 ? port : null, isReady: (lines[7] ?? "").trim() === "ready" };
}

/** Reads the `postmaster.pid` of a cluster; null when there is none or it is damaged. */
export async function readPostmasterFile(clusterDir: string): Promise<PostmasterFile | null> {
  try {
    return parsePostmasterFile(await readFile(join(clusterDir, "postmaster.pid"), "utf8"));
  } catch {
    return null;
  }
}

/** Whether a process exists. One of another user's counts. */
export function isProcessAlive(pid: number): boolean {
  // 0 and negative numbers name process groups.
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
