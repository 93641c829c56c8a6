// `npm run interop`: the real Python client against our chain, miner and signatures. BITTENSOR_PYTHON names an interpreter that has bittensor
// installed (or several, separated as in PATH); without it the run is skipped.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
if ((process.env.BITTENSOR_PYTHON ?? "") === "") {
  console.log("Skipped: set BITTENSOR_PYTHON to a Python that has bittensor installed. See docs/reference/interop.md.");
  process.exit(0);
}

function run(args) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const packages = ["chain", "devnet", "sdk"];
run([
  join(root, "node_modules/turbo/bin/turbo"),
  "run",
  "build",
  ...packages.map((name) => `--filter=@vision/${name}`),
  "--output-logs=errors-only",
]);
run([join(root, "test/interop/main.mjs")]);
