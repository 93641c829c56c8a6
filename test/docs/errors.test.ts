import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { errorCodes } from "@vision/protocol";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "reference", "errors.md"), "utf8");
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split("\n", 1)[0] ?? "", section]),
);

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts") && entry.parentPath.includes(`${"src"}`),
    )
    .filter((entry) => !entry.parentPath.includes("node_modules") && entry.name !== "error-codes.ts")
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("docs/reference/errors.md", () => {
  it("has a section for every code, and no other", () => {
    expect([...sections.keys()].sort()).toEqual(Object.keys(errorCodes).sort());
  });

  it.each(Object.entries(errorCodes))("%s says what it means and what to do", (code, meaning) => {
    const paragraphs = (sections.get(code) ?? "").trim().split("\n\n");
    expect(paragraphs[1]).toBe(meaning);
    expect(paragraphs[2]?.length ?? 0).toBeGreaterThan(20);
  });

  it("has no code that nothing raises", () => {
    const sources = ["packages", "apps"].flatMap(sourceFiles).map((path) => readFileSync(path, "utf8"));
    const unused = Object.keys(errorCodes).filter((code) => !sources.some((text) => text.includes(`"${code}"`)));
    expect(unused).toEqual([]);
  });
});
