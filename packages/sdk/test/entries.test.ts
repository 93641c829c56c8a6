import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";

const source = join(import.meta.dirname, "../src");

/** Packages that an entry imports, over all files that it reaches. Type imports vanish and do not count. */
function packagesOf(entry: string): ReadonlySet<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, isType, specifier = ""] of readFileSync(file, "utf8").matchAll(/^(?:import|export) (type )?[^;]*?from "([^"]+)";/gms)) {
      if (isType !== undefined) continue;
      if (specifier.startsWith(".")) visit(join(dirname(file), specifier.replace(/\.js$/, ".ts")));
      else packages.add(specifier);
    }
  };
  visit(join(source, entry));
  expect({ entry, hasFiles: seen.size > 0 && existsSync(join(source, entry)) }).toEqual({ entry, hasFiles: true });
  return packages;
}

describe("entries", () => {
  it("load the chain library only at ./chain", () => {
    for (const entry of ["index.ts", "node/index.ts", "client/index.ts", "backends/index.ts"]) {
      const packages = [...packagesOf(entry)].filter((name) => name === "@vision/chain" || name.startsWith("@polkadot/"));
      expect({ entry, packages }).toEqual({ entry, packages: [] });
    }
    expect([...packagesOf("chain/index.ts")]).toContain("@vision/chain");
  });

  it("never load the scoring: a change of incentive must not force an upgrade", () => {
    for (const entry of ["index.ts", "node/index.ts", "client/index.ts", "backends/index.ts", "chain/index.ts"]) {
      expect({ entry, hasScoring: packagesOf(entry).has("@vision/scoring") }).toEqual({ entry, hasScoring: false });
    }
  });
});
