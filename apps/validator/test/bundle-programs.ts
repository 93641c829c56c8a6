import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The folder of the validator's workspace. */
export const appDir = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder of the miner's workspace. */
const minerDir = join(dirname(appDir), "miner");

/** Programs that were bundled from the sources, so that no package has to be built first. */
export type BundledPrograms = { readonly folder: string; remove(): Promise<void> };

/**
 * Bundles programs of the validator. The output lies inside the app, where its dependencies can be found from.
 *
 * @param configName - Name of the tsup configuration in `test/fixtures`.
 */
export const bundlePrograms = (configName: string): Promise<BundledPrograms> => bundle(appDir, join("test", "fixtures", configName));

/** Bundles the reference miner, as it is shipped. */
export const bundleMiner = (): Promise<BundledPrograms> => bundle(minerDir, "tsup.config.mjs");

async function bundle(workspace: string, configFile: string): Promise<BundledPrograms> {
  const tsup = join(dirname(createRequire(import.meta.url).resolve("tsup/package.json")), "dist", "cli-default.js");
  const folder = await mkdtemp(join(workspace, "node_modules", ".test-"));
  const config = join(workspace, configFile);
  await promisify(execFile)(process.execPath, [tsup, "--config", config, "--out-dir", folder, "--silent"], { cwd: workspace });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
