// `npm run roc`: how well cheats are told from honest miners, on the embedded model and, where VISION_SMOLLM2_GGUF names its file, on a real one.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildWorkspaces, root } from "./run-turbo.mjs";

buildWorkspaces(["@vision/tiny"]);
const program = join(root, "apps", "validator", "bench", "roc.mjs");
const child = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exit(child.status ?? 1);
