import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { doctorReportSchema, renderSettingsPage } from "@vision/program";
import { z } from "zod";
import { tasksFileJsonSchema, validatorProgram } from "../src/config/index.js";

const docs = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "docs", "reference");

describe("reference pages", () => {
  // UPDATE_DOCS=1 writes them anew.
  it.each([["validator-settings.md", () => renderSettingsPage(validatorProgram)]])("%s says what the code says", async (name, render) => {
    const path = join(docs, name);
    if (process.env["UPDATE_DOCS"] === "1") {
      await mkdir(docs, { recursive: true });
      await writeFile(path, render());
    }
    expect(await readFile(path, "utf8")).toBe(render());
  });

  it("tasks.schema.json is what the file of tasks is parsed with", async () => {
    const path = join(docs, "tasks.schema.json");
    const schema = tasksFileJsonSchema();
    if (process.env["UPDATE_DOCS"] === "1") await writeFile(path, `${JSON.stringify(schema, null, 2)}\n`);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(schema);
  });

  it("doctor.schema.json is what doctor's report is parsed with", async () => {
    expect(JSON.parse(await readFile(join(docs, "doctor.schema.json"), "utf8"))).toEqual(z.toJSONSchema(doctorReportSchema));
  });
});
