import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");
const skipped = new Set(["node_modules", "dist", ".turbo", ".vision", ".git"]);

function markdownFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

describe("documentation", () => {
  it.each(markdownFiles(root).map((path) => [relative(root, path), path]))("%s links to files that exist", (_name, path) => {
    const text = readFileSync(String(path), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => (match[1] ?? "").split("#", 1)[0] ?? "");
    const missing = targets.filter(
      (target) => target !== "" && !/^[a-z]+:/.test(target) && !existsSync(join(dirname(String(path)), target)),
    );
    expect(missing).toEqual([]);
  });
});
