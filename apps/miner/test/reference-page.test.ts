import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import { renderSettingsPage } from "@vision/program";
import { minerProgram } from "../src/config/miner-config.js";

const path = fileURLToPath(new URL("../../../docs/reference/miner-settings.md", import.meta.url));

// UPDATE_DOCS=1 writes it anew.
it("docs/reference/miner-settings.md says what the code says", async () => {
  const page = renderSettingsPage(minerProgram);
  if (process.env["UPDATE_DOCS"] === "1") await writeFile(path, page);
  expect(await readFile(path, "utf8")).toBe(page);
});
