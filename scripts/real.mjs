// `npm run real`: a subnet on a real chat model, where honest miners and four that cheat serve it. Says how to get what is missing, and skips.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildWorkspaces, root } from "./run-turbo.mjs";

const modelPath = process.env.VISION_SMOLLM2_GGUF ?? "";
const isInstalled = existsSync(join(root, "node_modules", "node-llama-cpp", "package.json"));

if (modelPath === "" || !existsSync(modelPath)) {
  skip(`VISION_SMOLLM2_GGUF ${modelPath === "" ? "names no file" : `names ${modelPath}, which is not there`}`);
}
if (!isInstalled) skip("node-llama-cpp is not installed");

buildWorkspaces(["@vision/localnet-app", "@vision/miner-app", "@vision/validator-app"]);
const program = join(root, "apps", "localnet", "dist", "main.js");
const child = spawnSync(process.execPath, [program, "--model", modelPath, "--periods", "3", "--no-open", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
process.exit(child.status ?? 1);

function skip(reason) {
  console.log(`Skipped: ${reason}. To get both (190 MB): node scripts/fetch-real-model.mjs, which prints what to set.`);
  process.exit(0);
}
