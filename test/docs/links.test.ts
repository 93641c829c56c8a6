import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");
const skipped = new Set(["node_modules", "dist", ".turbo", ".vision", ".git"]);

function filesOf(folder: string, ending: RegExp): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesOf(path, ending);
    return ending.test(entry.name) ? [path] : [];
  });
}

const markdownFiles = (folder: string) => filesOf(folder, /\.md$/);

/** Pages that are another project's: whoever names them says whose they are. */
const elsewhere = new Set(["docs/gguf.md"]);

describe("documentation", () => {
  it.each(markdownFiles(root).map((path) => [relative(root, path), path]))("%s links to files that exist", (_name, path) => {
    const text = readFileSync(String(path), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => (match[1] ?? "").split("#", 1)[0] ?? "");
    const missing = targets.filter(
      (target) => target !== "" && !/^[a-z]+:/.test(target) && !existsSync(join(dirname(String(path)), target)),
    );
    expect(missing).toEqual([]);
  });

  it("is there where a comment or a message of the code names a page of it", () => {
    const files = ["apps", "packages", "examples", "scripts", "tools", "ops"].flatMap((name) =>
      filesOf(join(root, name), /\.(ts|tsx|mjs|yml|service)$/),
    );
    const named = files.flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/\b(?:docs|facts)\/[\w./-]+\.(?:md|json)\b/g)].map(([page]) => ({
        page,
        from: relative(root, path),
      })),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ page }) => !elsewhere.has(page) && !existsSync(join(root, page)))).toEqual([]);
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
      "@vision/sdk/chain": () => import("@vision/sdk/chain"),
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
