import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { findSettingsChanges } from "./settings-changes.js";

describe("findSettingsChanges", () => {
  it("names what changed, came and went, by its place", () => {
    const before = { gateway: { port: 8080, host: "127.0.0.1", operatorToken: "(hidden)" }, log: { level: "info" }, old: 1 };
    const after = { gateway: { port: 9000, host: "127.0.0.1" }, log: { level: "info" }, traces: { endpoint: "http://c" } };
    expect(findSettingsChanges(before, after)).toEqual([
      { setting: "gateway.operatorToken", before: "(hidden)", after: null },
      { setting: "gateway.port", before: 8080, after: 9000 },
      { setting: "old", before: 1, after: null },
      { setting: "traces", before: null, after: { endpoint: "http://c" } },
    ]);
  });

  it("takes a list as one value, and nothing for null", () => {
    expect(findSettingsChanges({ list: [1, 2], gone: null }, { list: [1, 3] })).toEqual([
      { setting: "list", before: [1, 2], after: [1, 3] },
    ]);
  });

  it("cuts what would fill the log", () => {
    const [change] = findSettingsChanges({ tasks: [] }, { tasks: Array.from({ length: 10_000 }, (_, n) => `task-${n}`) });
    expect(String(change?.after).length).toBeLessThan(1_010);
  });

  it("finds nothing where nothing changed, and the same in both directions", () => {
    const settings = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
    fc.assert(
      fc.property(settings, settings, (one, other) => {
        expect(findSettingsChanges(one, structuredClone(one))).toEqual([]);
        const back = findSettingsChanges(other, one).map(({ setting, before, after }) => ({ setting, before: after, after: before }));
        expect(findSettingsChanges(one, other)).toEqual(back);
      }),
    );
  });
});
