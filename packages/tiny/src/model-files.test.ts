import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { isModelName, modelNames, readModelFile, type TinyModelName } from "./model-files.js";

describe("readModelFile", () => {
  it.each(modelNames)("finds %s, unchanged, and a card beside it", async (name) => {
    const bytes = await readModelFile(name);
    expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe("GGUF");
    const card = await readFile(new URL(`../models/${name}.md`, import.meta.url), "utf8");
    for (const heading of ["## Data", "## Licence", "## Training", "## Quality", "## What it cannot do"]) expect(card).toContain(heading);
  });

  it("knows every model file there is", async () => {
    const files = await readdir(new URL("../models/", import.meta.url));
    expect(files.filter((file) => file.endsWith(".gguf")).sort()).toEqual(modelNames.map((name) => `${name}.gguf`).sort());
  });

  it("refuses other names, and paths", async () => {
    expect(isModelName("tiny-lm-q8_0")).toBe(true);
    expect(isModelName("toString")).toBe(false);
    await expect(readModelFile("../package" as TinyModelName)).rejects.toMatchObject({ code: "TINY_INVALID_MODEL" });
  });
});
