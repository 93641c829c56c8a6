// `npm run lab`: builds the lab (cached after the first time) and runs it. stdout belongs to the lab.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildWorkspaces, root } from "./run-turbo.mjs";

buildWorkspaces(["@vision/lab-app"]);
const result = spawnSync(process.execPath, [join(root, "apps", "lab", "dist", "main.js"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exit(result.status ?? 1);
