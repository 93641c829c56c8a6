import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import * as main from "../src/index.js";
import * as votes from "../src/votes/index.js";
import * as wallet from "../src/wallet/index.js";
import * as weights from "../src/weights/index.js";

/** Modules outside this package that an entry loads, over all files that it reaches. Type imports vanish and do not count. */
function modulesOf(entry: string): readonly string[] {
  const modules = new Set<string>();
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, isType, specifier = ""] of readFileSync(file, "utf8").matchAll(/^(?:import|export) (type )?[^;]*?from "([^"]+)";/gms)) {
      if (isType !== undefined) continue;
      if (specifier.startsWith(".")) visit(join(dirname(file), specifier.replace(/\.js$/, ".ts")));
      else modules.add(specifier);
    }
  };
  visit(join(import.meta.dirname, "../src", entry));
  return [...modules].sort();
}

describe("the entries", () => {
  it("./weights and ./votes are pure: they load the protocol and nothing else", () => {
    expect(modulesOf("weights/index.ts")).toEqual(["@vision/protocol"]);
    expect(modulesOf("votes/index.ts")).toEqual(["@vision/protocol"]);
  });

  it("./wallet opens no connection and loads no Substrate types", () => {
    expect(modulesOf("wallet/index.ts").filter((name) => name === "ws" || name.startsWith("@polkadot/types"))).toEqual([]);
  });

  it("are parts of the main one", () => {
    for (const part of [weights, votes, wallet]) expect(Object.keys(main)).toEqual(expect.arrayContaining(Object.keys(part)));
  });
});
