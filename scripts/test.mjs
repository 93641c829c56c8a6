// `npm test`: builds what the tests run as programs or packages (cached), then one jest run over every workspace. Extra arguments go to jest.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };

function run(args) {
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

run([join(root, "node_modules/turbo/bin/turbo"), "run", "build", "--output-logs=errors-only"]);
run([
  "--experimental-vm-modules",
  "--no-warnings=ExperimentalWarning",
  join(root, "node_modules/jest/bin/jest.js"),
  ...process.argv.slice(2),
]);
