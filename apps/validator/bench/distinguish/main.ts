import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { renderTable } from "@vision/program";
import { ready } from "@vision/signing";
import { collect } from "./collect.js";
import { readCorpus } from "./corpus.js";
import { aspects, distinguishCaptures } from "./distinguish-captures.js";
import { readFields } from "./features/fields.js";
import { createBoostedTrees, logisticRegression } from "./learners.js";
import { writeByFile } from "./write-by-file.js";

const { values } = parseArgs({
  options: {
    organic: { type: "string", default: "600" },
    synthetic: { type: "string", default: "900" },
    shared: { type: "string", default: "0" },
    written: { type: "string", default: "0" },
    writer: { type: "string" },
    seed: { type: "string", default: "1" },
    packages: { type: "string", default: "node_modules" },
    json: { type: "boolean", default: false },
    record: { type: "string" },
  },
});

await ready();
const corpus = readCorpus(values.packages);
const { seed } = values;
const captures = await collect({
  organic: Number(values.organic),
  synthetic: Number(values.synthetic),
  shared: Number(values.shared),
  seed,
  corpus,
  written: values.writer === undefined ? [] : await writeByFile(values.writer, Number(values.written), seed),
});
const learners = [logisticRegression, await createBoostedTrees()];
const distinctions = distinguishCaptures(captures, learners, seed);
const organic = captures.filter(({ isOrganic }) => isOrganic).length;
if (values.json) {
  process.stdout.write(`${JSON.stringify({ organic, synthetic: captures.length - organic, seed, distinctions }, null, 2)}\n`);
} else {
  const rows = aspects.map((aspect) => {
    const found = learners.map(({ name }) => distinctions[aspect][name]);
    return [aspect, ...found.map((each) => (each?.auc ?? Number.NaN).toFixed(3)), found.at(-1)?.tells.slice(0, 3).join("; ") ?? ""];
  });
  const counts = `${organic} requests of users and ${captures.length - organic} of the validator`;
  const table = renderTable(["told by", ...learners.map(({ name }) => name), "what told it most"], rows);
  process.stdout.write(`${counts}, as one miner got them. 0.5 is chance, 1 is always.\n\n${table}`);
}
if (values.record !== undefined) {
  const rows = readFields(captures.filter(({ isOrganic }) => isOrganic));
  writeFileSync(values.record, `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
}
process.exit(0);
