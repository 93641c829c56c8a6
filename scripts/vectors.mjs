// Compares the reference presets of @vision/scoring with a file of vectors: `npm run -s vectors -- FILE`.
// Runs from the sources, so that it needs an install and no build.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");

async function loadCompare() {
  const bundle = await build({
    entryPoints: [resolve(root, "packages/scoring/test/compare-vectors.ts")],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@vision/source"],
    logLevel: "error",
  });
  const [output] = bundle.outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(output.contents).toString("base64")}`);
}

async function readVectors(path, schema) {
  const parsed = schema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 10).map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`${path} is not a file of scoring vectors:\n${issues.join("\n")}`);
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: npm run -s vectors -- FILE");
  process.exit(2);
}
try {
  const { compareVectors, scoringVectorsSchema, VECTOR_TOLERANCE } = await loadCompare();
  const sections = compareVectors(await readVectors(resolve(process.env.INIT_CWD ?? ".", path), scoringVectorsSchema));
  for (const { section, cases, largestDifference } of sections) {
    console.log(`${section.padEnd(32)} ${String(cases).padStart(5)} cases   largest difference ${largestDifference.toExponential(2)}`);
  }
  const isEqual = sections.every(({ largestDifference }) => largestDifference <= VECTOR_TOLERANCE);
  console.log(isEqual ? `All within ${VECTOR_TOLERANCE}.` : `Some differ by more than ${VECTOR_TOLERANCE}.`);
  process.exitCode = isEqual ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
