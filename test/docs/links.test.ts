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

  it("of a package links to nothing outside it: whoever reads it on npm has only the package", () => {
    const leaving = readdirSync(join(root, "packages")).flatMap((name) => {
      const path = join(root, "packages", name, "README.md");
      const text = existsSync(path) ? readFileSync(path, "utf8") : "";
      return [...text.matchAll(/\]\((\.\.\/[^)\s]+)\)/g)].map((match) => `${name}: ${match[1]}`);
    });
    expect(leaving).toEqual([]);
  });

  it("imports from the SDK only what its entries export", async () => {
    const entries: Readonly<Record<string, () => Promise<object>>> = {
      "@vision/sdk": () => import("@vision/sdk"),
      "@vision/sdk/backends": () => import("@vision/sdk/backends"),
      "@vision/sdk/client": () => import("@vision/sdk/client"),
      "@vision/sdk/node": () => import("@vision/sdk/node"),
      "@vision/sdk/testing": () => import("@vision/sdk/testing"),
    };
    const unknown: string[] = [];
    for (const path of markdownFiles(root)) {
      for (const [, names = "", from = ""] of readFileSync(path, "utf8").matchAll(/import \{([^}]*)\} from "(@vision\/sdk[^"]*)"/g)) {
        const exported = await entries[from]?.();
        if (exported === undefined) continue;
        for (const name of names.split(",").map((part) => part.trim().split(" as ")[0] ?? "")) {
          if (name !== "" && !name.startsWith("type ") && !(name in exported)) unknown.push(`${relative(root, path)}: ${name} of ${from}`);
        }
      }
    }
    expect(unknown).toEqual([]);
  });
});
