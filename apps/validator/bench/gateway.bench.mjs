// What the gateway costs beside a bare node:http pass-through, in one run. Standalone, straight from the sources:
//   npm run bench:gateway [-- --json] [--rounds=3] [--requests=600] [--profile=FOLDER]
// With OTEL_EXPORTER_OTLP_ENDPOINT set, every request is traced there: what traces cost is the difference.
// With --profile each thread of the gateway's process writes a CPU profile there; the figures are then the profiler's too.
// Exports `run()` for `npm run bench`.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundleBench } from "./bundle-bench.mjs";

/** Measures; resolves to the numbers and how many times a pass-through the gateway costs. */
export async function run({ rounds = "3", requests = "600", profile } = {}) {
  const names = {
    ...{ upstream: "gateway-upstream", passThrough: "gateway-pass-through", process: "gateway-process", miner: "stub-miner" },
    ...{ gatewayThread: "gateway-thread", proberThread: "prober-thread" },
  };
  const outdir = await bundleBench(["gateway", ...Object.values(names)].map((name) => `${name}.ts`));
  const at = (name) => resolve(outdir, `${name}.mjs`);
  const { measureGateway } = await import(pathToFileURL(at("gateway")).href);
  const paths = Object.fromEntries(Object.entries(names).map(([part, name]) => [part, at(name)]));
  const rows = await measureGateway(paths, { rounds: Number(rounds), requests: Number(requests), profileFolder: profile ?? null });
  const [gateway, through] = rows;
  const ratios = Object.fromEntries(["jsonOneToken", "json64Tokens", "streamedChunk"].map((what) => [what, gateway[what] / through[what]]));
  return { name: "gateway", unit: "microseconds of CPU of the process, all threads", rows, ratios };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = { type: "string" };
  const { values } = parseArgs({ options: { json: { type: "boolean" }, rounds: text, requests: text, profile: text } });
  const measured = await run(values);
  if (values.json) console.log(JSON.stringify(measured, null, 2));
  else {
    const round = (value) => (typeof value === "number" ? Math.round(value * 10) / 10 : value);
    const rounded = (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, round(value)]));
    console.table([...measured.rows, { name: "times the pass-through", ...measured.ratios }].map(rounded));
  }
}
