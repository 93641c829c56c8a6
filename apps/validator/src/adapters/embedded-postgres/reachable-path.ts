import { createHash } from "node:crypto";
import { chmod, chown, cp, mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { binariesIn, type PostgresBinaries } from "./find-binaries.js";
import type { PostgresAccount } from "./postgres-account.js";

/** Where things go that another account must reach and that lie below a folder closed to it, such as /root. */
const SHARED_ROOT = "/var/lib/vision";

function ancestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...ancestors(parent), path];
}

/**
 * Whether the account can pass through every folder down to `path` (which must exist). Folders of ours below the system's temporary
 * folder are opened to the account's group, for passing through only.
 */
async function makeReachable(path: string, account: PostgresAccount, isOurs: (folder: string) => boolean): Promise<boolean> {
  for (const folder of ancestors(path)) {
    const status = await stat(folder);
    if (!status.isDirectory()) continue;
    if (status.uid === account.uid ? (status.mode & 0o100) !== 0 : status.gid === account.gid && (status.mode & 0o010) !== 0) continue;
    if (status.gid !== account.gid && (status.mode & 0o001) !== 0) continue;
    if (!isOurs(folder)) return false;
    await chown(folder, status.uid, account.gid);
    await chmod(folder, (status.mode & 0o7777) | 0o010);
  }
  return true;
}

/**
 * The data folder as the account can use it: `dataDir` itself where possible, else a folder of its own below /var/lib/vision, the same
 * at every start. The folder exists afterwards.
 */
export async function reachableDataDir(dataDir: string, account: PostgresAccount | null): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: account === null ? 0o700 : 0o711 });
  const real = await realpath(dataDir);
  if (account === null) return real;
  const temporary = await realpath(tmpdir());
  if (await makeReachable(real, account, (folder) => folder === real || folder.startsWith(temporary + sep))) return real;
  const shared = join(SHARED_ROOT, `data-${createHash("sha256").update(real).digest("hex").slice(0, 16)}`);
  await mkdir(shared, { recursive: true, mode: 0o711 });
  return shared;
}

/** The programs where the account can run them: in place, or copied once below /var/lib/vision. */
export async function reachableBinaries(binaries: PostgresBinaries, account: PostgresAccount | null): Promise<PostgresBinaries> {
  const real = await realpath(binaries.nativeDir);
  if (account === null) return binariesIn(real);
  const temporary = await realpath(tmpdir());
  if (await makeReachable(real, account, (folder) => folder.startsWith(temporary + sep))) return binariesIn(real);
  const copy = join(SHARED_ROOT, `postgresql-${createHash("sha256").update(real).digest("hex").slice(0, 16)}`);
  const isCopied = await stat(copy).then(
    () => true,
    () => false,
  );
  if (!isCopied) {
    const partial = `${copy}.partial-${process.pid}`;
    await mkdir(SHARED_ROOT, { recursive: true, mode: 0o711 });
    await cp(real, partial, { recursive: true, verbatimSymlinks: true });
    // Another process may have finished the same copy meanwhile; then ours is the superfluous one.
    await rename(partial, copy).catch(() => rm(partial, { recursive: true, force: true }));
  }
  return binariesIn(copy);
}
