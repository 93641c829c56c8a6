import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");
const readJson = (...path: readonly string[]) => JSON.parse(readFileSync(join(root, ...path), "utf8"));

describe("published packages", () => {
  // A project that `npm create vision-miner` begins names the SDK of its release: one that is not released along begins projects on an old one.
  it("are released together, with one version", () => {
    const manifests = readdirSync(join(root, "packages")).map((folder) => readJson("packages", folder, "package.json"));
    const published = manifests.filter((manifest) => manifest.private !== true);
    const names = published.map(({ name }) => name).sort();
    expect(names).toContain("create-vision-miner");
    expect(readJson(".changeset", "config.json").fixed.map((group: readonly string[]) => [...group].sort())).toEqual([names]);
    expect(new Set(published.map(({ version }) => version)).size).toBe(1);
  });
});
