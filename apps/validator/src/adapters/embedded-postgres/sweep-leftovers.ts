import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "./postmaster-file.js";

const LEFTOVER = /^(?:cluster\.partial-|password\.|port\.)(\d+)$/;
/** Making a cluster takes seconds: what is this old is nobody's, even if its maker's process id is in use again. */
const OLDEST_MS = 3_600_000;

/** Removes what killed first starts have left half made in a data folder: clusters (40 MB each) and files that were being written. */
export async function sweepLeftovers(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = LEFTOVER.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(dataDir, name);
    const status = await stat(path).catch(() => null);
    const isInUse = status !== null && isProcessAlive(Number(pid)) && Date.now() - status.mtimeMs < OLDEST_MS;
    if (!isInUse) await rm(path, { recursive: true, force: true });
  }
}
