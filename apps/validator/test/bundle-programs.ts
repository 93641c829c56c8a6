import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The folder of the validator's workspace. */
export const appDir = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Bundles programs from the sources, so that no package has to be built first. The output lies inside the app, where its dependencies can
 * be found from.
 *
 * @param configName - Name of the tsup configuration in `test/fixtures`.
 */
export async function bundlePrograms(configName: string): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const tsup = join(dirname(createRequire(import.meta.url).resolve("tsup/package.json")), "dist", "cli-default.js");
  const folder = await mkdtemp(join(appDir, "node_modules", ".test-"));
  const config = join(appDir, "test", "fixtures", configName);
  await promisify(execFile)(process.execPath, [tsup, "--config", config, "--out-dir", folder, "--silent"], { cwd: appDir });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
