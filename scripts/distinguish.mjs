// `npm run distinguish [-- --json] [-- --organic 600 --synthetic 900 --seed 1]`: how well a miner can tell users' requests from the validator's.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bundleBench } from "../apps/validator/bench/bundle-bench.mjs";
import { root } from "./run-turbo.mjs";

const folder = await bundleBench(["distinguish/main.ts"]);
const child = spawnSync(process.execPath, [join(folder, "main.mjs"), ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exit(child.status ?? 1);
