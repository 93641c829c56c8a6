// How many answers a validator checks in a second, by task and by check workers, beside one worker in the same run. Standalone, straight
// from the sources:
//   node apps/validator/bench/checks.bench.mjs [--json] [--checks=400] [--workers=1,2] [--tasks=chat-tiny,completion-tiny,image-tiny,embedding-tiny]
// Exports `run()` for `npm run bench`.
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundleBench } from "./bundle-bench.mjs";

/** Measures; resolves to the rates. */
export async function run({
  checks = "400",
  workers = `1,${availableParallelism()}`,
  tasks = "chat-tiny,completion-tiny,image-tiny,embedding-tiny",
} = {}) {
  const outdir = await bundleBench(["checks.ts", "checks-worker.ts"]);
  const { measureChecks } = await import(pathToFileURL(resolve(outdir, "checks.mjs")).href);
  const rows = await measureChecks({
    ...{ taskIds: tasks.split(","), checks: Number(checks), workerUrl: resolve(outdir, "checks-worker.mjs") },
    workerCounts: [...new Set([1, ...workers.split(",").map(Number)])],
  });
  return { name: "checks", cores: availableParallelism(), rows };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = { type: "string" };
  const { values } = parseArgs({ options: { json: { type: "boolean" }, checks: text, workers: text, tasks: text } });
  const measured = await run(values);
  if (values.json) console.log(JSON.stringify(measured, null, 2));
  else {
    const round = (value) => (typeof value === "number" ? Math.round(value * 100) / 100 : value);
    console.log(`${measured.cores} cores`);
    console.table(measured.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, round(value)]))));
  }
}
