// An honest miner's measured times while senders or another miner are hostile. Standalone, straight from the sources:
//   node apps/validator/bench/isolation.bench.mjs
// Exports `run()` for `npm run bench`.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleBench } from "./bundle-bench.mjs";

/** Measures; resolves to the numbers and whether every answer of the honest miner counted. */
export async function run() {
  const outdir = await bundleBench(
    ["isolation", "prober-thread", "gateway-thread", "stub-miner", "hostile-miner", "strangers-load"].map((name) => `${name}.ts`),
  );
  const at = (name) => resolve(outdir, `${name}.mjs`);
  const { measureIsolation } = await import(pathToFileURL(at("isolation")).href);
  const rows = await measureIsolation({
    ...{ prober: at("prober-thread"), gateway: at("gateway-thread"), honest: at("stub-miner"), hostile: at("hostile-miner") },
    load: at("strangers-load"),
  });
  const isWithin = rows.every(({ asked, okCount, inconclusive }) => asked === okCount && inconclusive === 0);
  return { name: "hostile neighbours", rows, isWithin };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { rows, isWithin } = await run();
  console.table(
    rows.map(({ standstillSecondsTotal, ...row }) => ({
      ...Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? Math.round(value * 10) / 10 : value]),
      ),
      standstillSecondsTotal: JSON.stringify(standstillSecondsTotal),
    })),
  );
  process.exitCode = isWithin ? 0 : 1;
}
