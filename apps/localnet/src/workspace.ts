import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders and files of one run. */
export type Workspace = {
  readonly folder: string;
  readonly logs: string;
  readonly dataDir: string;
  file(name: string): string;
  /** Writes a configuration that only we can read: it names keys. Returns its path. */
  writeConfig(name: string, config: object): Promise<string>;
  /** Deletes everything of this run. */
  remove(): Promise<void>;
};

const PREFIX = "vision-localnet-";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Deletes folders of runs that were killed before they could. */
async function sweep(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const pid = Number(await readFile(join(folder, "pid"), "utf8").catch(() => ""));
    if (pid > 0 && !isAlive(pid)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** A fresh folder for one run, reachable by the account that the database runs under. What killed runs left is deleted. */
export async function createWorkspace(options: { readonly isKept?: boolean } = {}): Promise<Workspace> {
  await sweep();
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  if (options.isKept !== true) await writeFile(join(folder, "pid"), String(process.pid));
  await chmod(folder, 0o755);
  const logs = join(folder, "logs");
  const dataDir = join(folder, "validator");
  await mkdir(logs);
  const file = (name: string) => join(folder, name);
  return {
    folder,
    logs,
    dataDir,
    file,
    async writeConfig(name, config) {
      await writeFile(file(name), JSON.stringify(config, null, 2), { mode: 0o600 });
      return file(name);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Ends a database server that a validator left behind when it had to be ended by force. */
export async function endLeftDatabase(workspace: Workspace): Promise<void> {
  const text = await readFile(join(workspace.dataDir, "cluster", "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(text.split("\n", 1)[0]);
  if (!(pid > 1) || !isAlive(pid)) return;
  // SIGQUIT is PostgreSQL's immediate shutdown; its files are deleted next.
  process.kill(pid, "SIGQUIT");
}

/** Paths of the built programs, from the place of this bundle in `apps/localnet/dist`. */
export function programPaths() {
  const here = dirname(fileURLToPath(import.meta.url));
  const apps = join(here, "..", "..");
  return {
    miner: join(apps, "miner", "dist", "main.js"),
    validator: join(apps, "validator", "dist", "main.js"),
    profileBackend: join(here, "profile-backend.js"),
  };
}
