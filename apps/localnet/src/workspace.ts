import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders and files of one run. */
export type Workspace = {
  readonly folder: string;
  readonly logs: string;
  readonly dataDir: string;
  file(name: string): string;
  /** Deletes everything of this run. */
  remove(): Promise<void>;
};

/** A fresh folder for one run, reachable by the account that the database runs under. */
export async function createWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), "vision-localnet-"));
  await chmod(folder, 0o755);
  const logs = join(folder, "logs");
  const dataDir = join(folder, "validator");
  await mkdir(logs);
  return { folder, logs, dataDir, file: (name) => join(folder, name), remove: () => rm(folder, { recursive: true, force: true }) };
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
