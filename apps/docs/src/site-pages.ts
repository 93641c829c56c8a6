import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of Markdown that is a page: where it lies in the repository, where it is on the site (`.md` at the end), and its first heading. */
export type SitePage = { readonly file: string; readonly path: string; readonly title: string };

const skipped = new Set(["node_modules", "dist", ".git", ".turbo", ".vision", ".changeset", "coverage"]);

/** Every file of Markdown in the repository, by its path from the root with `/`; what is installed or built is left out. */
export function findMarkdown(root: string, folder = ""): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : findMarkdown(root, file);
    return entry.isFile() && entry.name.endsWith(".md") ? [file] : [];
  });
}

/**
 * Where a file is on the site; null if it is no page of it.
 *
 * @example `placeOf("docs/chain.md")` is `chain.md`, `placeOf("packages/sdk/README.md")` is `packages/sdk.md`.
 */
function placeOf(file: string): string | null {
  if (file === "README.md") return "index.md";
  if (file === "CONTRIBUTING.md") return "contributing.md";
  if (file.startsWith("docs/")) return file.slice("docs/".length);
  const readme = /^(?:apps\/)?((?:packages|examples|ops|lab)(?:\/[^/]+)?)\/README\.md$/.exec(file)?.[1];
  if (readme !== undefined) return `${readme}.md`;
  const changes = /^(?:packages|apps)\/([^/]+)\/CHANGELOG\.md$/.exec(file)?.[1];
  if (changes !== undefined) return `changes/${changes}.md`;
  return /^packages\/tiny\/(models\/[^/]+|training\/README)\.md$/.test(file) ? file : null;
}

/** All pages, in the order of their files. */
export function findPages(root: string): readonly SitePage[] {
  return findMarkdown(root).flatMap((file) => {
    const path = placeOf(file);
    if (path === null) return [];
    const title = /^# (.+)$/m.exec(readFileSync(join(root, file), "utf8"))?.[1]?.replaceAll("`", "");
    return [{ file, path, title: title ?? path }];
  });
}
