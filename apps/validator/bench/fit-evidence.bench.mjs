// What honest and cheating engines look like to the judge, on the embedded models: the tables of packages/scoring/src/evidence/engine-models.ts.
//   npm install --no-save node-llama-cpp; node apps/validator/bench/fit-evidence.bench.mjs [--answers 60] [--only NAME] [--seed TEXT] [--json FILE]
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundleBench } from "./bundle-bench.mjs";

const { values } = parseArgs({
  options: {
    answers: { type: "string", default: "60" },
    only: { type: "string", default: "" },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
  },
});
const outdir = await bundleBench(["fit-evidence.ts"]);
const { collectEvidence, logShares } = await import(pathToFileURL(resolve(outdir, "fit-evidence.mjs")).href);
const players = await collectEvidence({ ...values, answersEach: Number(values.answers) });
for (const { name, answers } of players) {
  console.log(`${name.padEnd(32)} margins [${logShares(answers, "margins").join(", ")}]`);
  console.log(`${"".padEnd(32)} claims  [${logShares(answers, "claims").join(", ")}]`);
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(players));
