// `npm run interop`: the real Python client against our chain, miner and signatures. BITTENSOR_PYTHON names an interpreter that has bittensor
// installed (or several, separated as in PATH); without it the run is skipped.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildWorkspaces, root } from "./run-turbo.mjs";

if ((process.env.BITTENSOR_PYTHON ?? "") === "") {
  console.log("Skipped: set BITTENSOR_PYTHON to a Python that has bittensor installed. See docs/reference/interop.md.");
  process.exit(0);
}

buildWorkspaces(["@vision/chain", "@vision/devnet", "@vision/sdk"]);
const result = spawnSync(process.execPath, [join(root, "test", "interop", "main.mjs")], { cwd: root, stdio: "inherit" });
process.exit(result.status ?? 1);
