// How well cheats are told from honest miners: lets both answer, has every answer judged, and prints what that tells.
//   npm run roc -- [--pair embedded|smollm2] [--answers 120] [--tokens 96] [--only NAME] [--file ANSWERS.jsonl] [--report] [--json] [--write]
// What is answered is kept in the file, and a run that was broken off goes on with it; --report asks nobody; --write renews docs/verification.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundleBench } from "./bundle-bench.mjs";

const { values } = parseArgs({
  options: {
    pair: { type: "string" },
    answers: { type: "string", default: "120" },
    tokens: { type: "string", default: "96" },
    only: { type: "string", default: "" },
    file: { type: "string" },
    report: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const whole = (name) => {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`--${name} must be a whole number from 1.`);
  process.exit(2);
};
const count = whole("answers");
const maxTokens = whole("tokens");
const root = resolve(import.meta.dirname, "../../..");
const cache = join(root, "node_modules", ".cache", "roc");

const outdir = await bundleBench(["roc/index.ts"]);
const { collectAnswers, createEmbeddedPair, createRealPair, drawRequests, openRecords, pairTitles, plotPair, renderPair, reportPair } =
  await import(pathToFileURL(join(outdir, "index.mjs")).href);

const realModel = process.env.VISION_SMOLLM2_GGUF ?? "";
const openers = { embedded: () => createEmbeddedPair(), smollm2: () => createRealPair(realModel, cache) };
const wanted = values.pair === undefined ? Object.keys(openers) : [values.pair];
const records = openRecords(values.file ?? join(cache, "answers.jsonl"));
const results = [];
for (const name of wanted) {
  const open = openers[name];
  if (open === undefined) {
    console.error(`There is no pair ${name}; there are ${Object.keys(openers).join(" and ")}.`);
    process.exit(2);
  }
  const isMissing = name === "smollm2" && !existsSync(realModel);
  if (isMissing && !values.report) {
    console.error(
      "smollm2 is skipped: VISION_SMOLLM2_GGUF names no file. `node scripts/fetch-real-model.mjs` fetches it and prints its path.",
    );
    continue;
  }
  if (!values.report) {
    const pair = await open();
    await collectAnswers(pair, records, { requests: drawRequests(pair.task, { count, maxTokens, seed: "1" }), only: values.only });
    await pair.close();
  }
  const result = reportPair({ name, title: pairTitles[name] }, records.all());
  if (result.honest.length > 0) results.push(result);
}

const document = { date: new Date().toISOString().slice(0, 10), results };
if (values.json) console.log(JSON.stringify(document, null, 2));
else for (const result of results) console.log(`\n## ${result.title}\n\n${renderPair(result)}`);

if (values.write) {
  const page = join(root, "docs", "verification.md");
  const folder = join(root, "docs", "verification");
  mkdirSync(folder, { recursive: true });
  let text = readFileSync(page, "utf8");
  for (const result of results) {
    writeFileSync(join(folder, `${result.pair}.svg`), plotPair(result));
    const [begin, end] = [`<!-- ${result.pair}: begin -->`, `<!-- ${result.pair}: end -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`docs/verification.md has no place for ${result.pair}.`);
    const measured = `Measured on ${document.date}.\n\n${renderPair(result)}\n\n![Found cheats by tokens](verification/${result.pair}.svg)\n`;
    text = `${text.slice(0, from + begin.length)}\n${measured}${text.slice(to)}`;
  }
  writeFileSync(page, text);
  // What was measured of the other model stays.
  const kept = join(folder, "results.json");
  const before = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")).results : [];
  const all = [...before.filter(({ pair }) => results.every((result) => result.pair !== pair)), ...results];
  writeFileSync(kept, `${JSON.stringify({ ...document, results: all }, null, 2)}\n`);
}
