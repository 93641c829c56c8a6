import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** The repository's root folder. */
export const root = join(import.meta.dirname, "..");

/**
 * Builds the named workspaces (all of them when none is named), cached. Everything goes to stderr: stdout belongs to the caller.
 * Ends this process with turbo's exit code when the build fails.
 *
 * @param {readonly string[]} workspaces
 */
export function buildWorkspaces(workspaces = []) {
  const turbo = join(root, "node_modules", "turbo", "bin", "turbo");
  const filters = workspaces.map((name) => `--filter=${name}`);
  const result = spawnSync(process.execPath, [turbo, "run", "build", ...filters, "--output-logs=errors-only", "--no-update-notifier"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  if (result.status === 0) return;
  console.error("The build failed; the reason stands above.");
  process.exit(result.status ?? 1);
}
