import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { plotIncomes } from "../../apps/lab/src/plot-incomes.js";
import { plotName, renderPage } from "../../apps/lab/src/render-page.js";
import { readReport } from "../../apps/lab/src/report.js";

const docs = join(import.meta.dirname, "..", "..", "docs");

it("the page of what pays shows the runs that lie beside it", async () => {
  const files = ["without-users.json", "with-users.json"];
  const read = async (file: string) => readReport(await readFile(join(docs, "incentives", file), "utf8"));
  const reports = await Promise.all(files.map(read));
  const others = await Promise.all((await readdir(join(docs, "incentives", "populations"))).map((file) => read(join("populations", file))));
  const populations = others.sort(({ world: a }, { world: b }) => a.users - b.users || a.miners - b.miners || a.validators - b.validators);
  const made = new Map([
    ["incentives.md", renderPage(reports, populations, await read("validators.json"))],
    ...reports.map((report) => [join("incentives", plotName(report)), plotIncomes(report.results, "Income, honest work being 1")] as const),
  ]);
  for (const [file, text] of made) {
    if (process.env["UPDATE_DOCS"] === "1") await writeFile(join(docs, file), text);
    expect({ file, text: await readFile(join(docs, file), "utf8") }).toEqual({ file, text });
  }
});
