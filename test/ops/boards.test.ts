import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";

// Plain JavaScript, run by itself: a variable keeps the compiler from wanting its types.
const source = "../../ops/grafana/boards.mjs";
const { boards } = (await import(source)) as { readonly boards: Readonly<Record<string, unknown>> };
const folder = join(import.meta.dirname, "..", "..", "ops", "grafana");

describe("boards", () => {
  it.each(Object.entries(boards))("%s is what `node ops/grafana/boards.mjs` writes", (name, board) => {
    expect(JSON.parse(readFileSync(join(folder, name), "utf8"))).toEqual(JSON.parse(JSON.stringify(board)));
  });
});
