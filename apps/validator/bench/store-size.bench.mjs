// What a day of 256 miners takes in the database, table by table. Standalone, straight from the sources:
//   node apps/validator/bench/store-size.bench.mjs
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleBench } from "./bundle-bench.mjs";

const outdir = await bundleBench(["store-size.ts"]);
const { measureStoreSize } = await import(pathToFileURL(resolve(outdir, "store-size.mjs")).href);
const sizes = await measureStoreSize();
for (const { table, rows, bytes } of sizes) {
  const each = rows > 0 ? `${(bytes / rows).toFixed(0)} B each` : "";
  console.log(`${table.padEnd(16)} ${String(rows).padStart(8)} rows ${(bytes / 1e6).toFixed(1).padStart(8)} MB  ${each}`);
}
console.log(`in all ${(sizes.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1)} MB a day`);
