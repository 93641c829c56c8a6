// The validator's CPU per probe, the check excluded. Standalone, straight from the sources:
//   node apps/validator/bench/probe-overhead.bench.mjs
// Exports `run()` for `npm run bench`.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleBench } from "./bundle-bench.mjs";

const limits = { cpuMillisecondsPerProbe: 1 };

/** Measures; resolves to the numbers and whether they are within the limit. */
export async function run() {
  const outdir = await bundleBench(["probe-overhead.ts", "stub-miner.ts"]);
  const { measureProbeOverhead } = await import(pathToFileURL(resolve(outdir, "probe-overhead.mjs")).href);
  const measured = await measureProbeOverhead(resolve(outdir, "stub-miner.mjs"));
  return { name: "probing overhead", ...measured, limits, isWithin: measured.cpuMillisecondsPerProbe < limits.cpuMillisecondsPerProbe };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { probes, okCount, cpuMillisecondsPerProbe, isWithin } = await run();
  console.log(`validator CPU per probe: ${cpuMillisecondsPerProbe.toFixed(3)} ms over ${probes} probes, ${okCount} ok (limit 1 ms)`);
  process.exitCode = isWithin ? 0 : 1;
}
