// `npm run faults [-- ROUNDS]`: strikes the real validator with kills, cuts, hangs and a full disk, so often each (3 if not given), and prints
// what came of it. `npm test` runs one round.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildWorkspaces, root } from "./run-turbo.mjs";

const rounds = Number(process.argv[2] ?? 3);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("The number of rounds must be a whole number from 1.");
  process.exit(2);
}
buildWorkspaces(["@vision/tiny"]);
const jest = join(root, "node_modules", "jest", "bin", "jest.js");
const flags = ["--experimental-vm-modules", "--no-warnings=ExperimentalWarning"];
const result = spawnSync(process.execPath, [...flags, jest, "apps/validator/test/faults", "--silent=false"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, VISION_FAULTS_ROUNDS: String(Math.max(2, rounds)) },
});
process.exit(result.status ?? 1);
