// Users' latency while strangers without a key send 4 MB bodies. Standalone, straight from the sources:
//   node apps/validator/bench/strangers.bench.mjs
// Exports `run()` for `npm run bench`.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleBench } from "./bundle-bench.mjs";

const limits = { p50RiseMilliseconds: 5 };

/** Measures; resolves to the numbers and whether they are within the limit. */
export async function run() {
  const outdir = await bundleBench(["strangers.ts", "strangers-load.ts"]);
  const { measureStrangers } = await import(pathToFileURL(resolve(outdir, "strangers.mjs")).href);
  const rows = await measureStrangers(resolve(outdir, "strangers-load.mjs"));
  const p50RiseMilliseconds = rows[1].p50Ms - rows[0].p50Ms;
  const isWithin = p50RiseMilliseconds < limits.p50RiseMilliseconds && rows.every(({ users, okCount }) => users === okCount);
  return { name: "keyless strangers", rows, p50RiseMilliseconds, limits, isWithin };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { rows, isWithin } = await run();
  console.table(rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Math.round(value * 10) / 10]))));
  process.exitCode = isWithin ? 0 : 1;
}
