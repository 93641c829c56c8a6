import { execFile } from "node:child_process";
import { chmod, chown, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { childEnvironment } from "@vision/program";
import { VisionError } from "@vision/protocol";
import type { PostgresBinaries } from "./find-binaries.js";
import type { PostgresAccount } from "./postgres-account.js";
import { newPassword, readOptional, type ServerPaths, writeIfAbsent } from "./server-files.js";

const run = promisify(execFile);

/** Name of the superuser that the cluster is made with. */
export const POSTGRES_USER = "vision";

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the cluster when there is none and returns its password. A cluster appears under its name only when it is whole, so that a
 * killed first start leaves nothing half made.
 *
 * @throws {@link VisionError} `STORE_UNREACHABLE` with initdb's own words.
 */
export async function initialiseCluster(
  paths: ServerPaths,
  options: { readonly binaries: PostgresBinaries; readonly account: PostgresAccount | null; readonly isDurable: boolean },
): Promise<string> {
  const known = (await readOptional(paths.passwordFile))?.trim();
  if (await exists(join(paths.clusterDir, "PG_VERSION"))) {
    if (known !== undefined && known !== "") return known;
    throw new VisionError({
      code: "STORE_UNREACHABLE",
      message: `The embedded database lacks its password file ${paths.passwordFile}.`,
      hint: "Restore the file from a backup of the data folder; the database cannot be opened without it.",
    });
  }
  const password = known === undefined || known === "" ? await claimPassword(paths.passwordFile) : known;

  const partial = `${paths.clusterDir}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  const passwordCopy = join(partial, "password");
  const data = join(partial, "data");
  const { account, binaries } = options;
  try {
    await writeFile(passwordCopy, `${password}\n`, { mode: 0o600 });
    if (account !== null) {
      await chown(passwordCopy, account.uid, account.gid);
      await chown(partial, account.uid, account.gid);
    }
    await ensureExecutable(binaries);
    await run(
      binaries.initdb,
      [
        `--pgdata=${data}`,
        `--username=${POSTGRES_USER}`,
        `--pwfile=${passwordCopy}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-locale",
        "--no-instructions",
        ...(options.isDurable ? [] : ["--no-sync"]),
      ],
      { ...(account ?? {}), env: childEnvironment(process.env), cwd: "/", maxBuffer: 1024 * 1024 },
    );
    // Losing this race to a second process is fine: its cluster has the same password.
    await rename(data, paths.clusterDir).catch(async (error: unknown) => {
      if (!(await exists(join(paths.clusterDir, "PG_VERSION")))) throw error;
    });
  } catch (cause) {
    const stderr = typeof cause === "object" && cause !== null && "stderr" in cause ? String(cause.stderr).trim().slice(-600) : "";
    throw new VisionError({
      code: "STORE_UNREACHABLE",
      message: `The embedded database could not be made in ${paths.clusterDir}. ${stderr}`.trim(),
      hint: "Check free space and permissions of the data folder, or set DATABASE_URL to a PostgreSQL server of your own.",
      cause,
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return password;
}

/** The password of the folder: ours, or that of a process which was faster. */
async function claimPassword(path: string): Promise<string> {
  await writeIfAbsent(path, `${newPassword()}\n`);
  return ((await readOptional(path)) ?? "").trim();
}

async function ensureExecutable(binaries: PostgresBinaries): Promise<void> {
  for (const path of [binaries.initdb, binaries.postgres]) {
    const { mode } = await stat(path);
    // Only when needed: in a read-only file system even a chmod that changes nothing fails.
    if ((mode & 0o111) !== 0o111) await chmod(path, (mode & 0o7777) | 0o111);
  }
}
