import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";

const page = join(import.meta.dirname, "..", "dist", "page");
const read = (path: string) => readFileSync(join(page, path));

type Chunk = {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly isEntry?: boolean;
};

/** The chunk's file and those that it cannot run without. */
function filesOf(chunks: Readonly<Record<string, Chunk>>, name: string, found = new Set<string>()): ReadonlySet<string> {
  const chunk = chunks[name];
  if (chunk === undefined || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const each of chunk.imports ?? []) filesOf(chunks, each, found);
  return found;
}

describe("the built page", () => {
  it("needs at most 200 KB of gzipped JavaScript for its first view, the chart included", () => {
    const chunks = JSON.parse(read("manifest.json").toString()) as Readonly<Record<string, Chunk>>;
    const entry = Object.keys(chunks).find((name) => chunks[name]?.isEntry === true) ?? "";
    const chart = Object.keys(chunks).find((name) => name.endsWith("components/chart.tsx") || chunks[name]?.file.includes("/chart-")) ?? "";
    const files = [...new Set([...filesOf(chunks, entry), ...filesOf(chunks, chart)])];
    expect(files.length).toBeGreaterThanOrEqual(2);
    const bytes = files.map((file) => gzipSync(read(file), { level: 9 }).length).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThan(200 * 1024);
    // A bundle that lost its contents would pass as well.
    expect(bytes).toBeGreaterThan(50 * 1024);
  });

  it("runs no inline script and names no other host", () => {
    const html = read("index.html").toString();
    expect(html).toMatch(/<script type="module" crossorigin src="\.\/assets\/[\w-]+\.js"><\/script>/);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/https?:\/\/|<style|\son\w+=/);
    const styles = readdirSync(join(page, "assets")).filter((name) => name.endsWith(".css"));
    for (const name of styles)
      expect({
        name,
        urls: read(`assets/${name}`)
          .toString()
          .match(/url\(|@import/g),
      }).toEqual({ name, urls: null });
  });
});
