// What the gateway costs beside a bare node:http pass-through, and beside Portkey's gateway where it is asked for, in one run. Straight from the sources:
//   npm run bench:gateway [-- --json] [--rounds=3] [--requests=600] [--held=512] [--portkey] [--profile=FOLDER]
// With --portkey, @portkey-ai/gateway is installed from npm below node_modules/.cache, once.
// With OTEL_EXPORTER_OTLP_ENDPOINT set, every request is traced there: what traces cost is the difference.
// With --profile each thread of the gateway's process writes a CPU profile there; the figures are then the profiler's too.
// Exports `run()` for `npm run bench`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundleBench } from "./bundle-bench.mjs";

// Its own range lets in a later hono, with which streams are answered 500.
const portkeyManifest = {
  private: true,
  dependencies: { "@portkey-ai/gateway": "1.15.2" },
  overrides: { hono: "4.9.7", "@hono/node-server": "1.3.3" },
};

/** Measures; resolves to the numbers and how many times a pass-through the gateway costs. */
export async function run({ rounds = "3", requests = "600", held = "512", portkey = false, profile } = {}) {
  const names = {
    ...{ upstream: "gateway-upstream", passThrough: "gateway-pass-through", process: "gateway-process", miner: "stub-miner" },
    ...{ gatewayThread: "gateway-thread", proberThread: "prober-thread", answerUsage: "answer-usage" },
  };
  const outdir = await bundleBench(["gateway", ...Object.values(names)].map((name) => `${name}.ts`));
  const at = (name) => resolve(outdir, `${name}.mjs`);
  const { measureGateway } = await import(pathToFileURL(at("gateway")).href);
  const measured = await measureGateway({
    paths: Object.fromEntries(Object.entries(names).map(([part, name]) => [part, at(name)])),
    ...{ rounds: Number(rounds), requests: Number(requests), heldStreams: Number(held) },
    profileFolder: profile ?? null,
    portkeyEntry: portkey ? installPortkey(resolve(outdir, "portkey")) : null,
  });
  const [gateway, through] = measured.rows;
  const ratios = Object.fromEntries(Object.entries(gateway.cpu).map(([what, cost]) => [what, cost / through.cpu[what]]));
  return {
    name: "gateway",
    unit: "CPU in microseconds of the process, all threads; times in milliseconds; memory in megabytes",
    ...measured,
    ratios,
  };
}

function installPortkey(folder) {
  const entry = resolve(folder, "node_modules/@portkey-ai/gateway/build/start-server.js");
  if (existsSync(entry)) return entry;
  mkdirSync(folder, { recursive: true });
  writeFileSync(resolve(folder, "package.json"), JSON.stringify(portkeyManifest));
  const { status } = spawnSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error("@portkey-ai/gateway cannot be installed");
  return entry;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [text, flag] = [{ type: "string" }, { type: "boolean" }];
  const { values } = parseArgs({ options: { json: flag, rounds: text, requests: text, held: text, portkey: flag, profile: text } });
  const measured = await run(values);
  if (values.json) console.log(JSON.stringify(measured, null, 2));
  else print(measured);
}

function print({ unit, isPinned, rows, ratios }) {
  console.log(unit + (isPinned ? "; each process measured on a core of its own" : ""));
  const round = (value) => (typeof value === "number" ? Math.round(value * 10) / 10 : value);
  const flat = (value, path = []) =>
    typeof value === "object"
      ? Object.entries(value).flatMap(([name, each]) => flat(each, [...path, name]))
      : [[path.join(" "), round(value)]];
  const columns = rows.map(({ name, ...row }) => [name, new Map(flat(row))]);
  const times = new Map(flat({ cpu: ratios }));
  const lines = [...columns[0][1].keys()].map((what) => [
    what,
    {
      ...Object.fromEntries(columns.map(([name, row]) => [name, row.get(what)])),
      ...(times.has(what) ? { "times the pass-through": times.get(what) } : {}),
    },
  ]);
  console.table(Object.fromEntries(lines));
}
