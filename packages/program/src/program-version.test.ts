import { describe, expect, it } from "@jest/globals";
import { programVersion } from "./program-version.js";

describe("programVersion", () => {
  it("is the one of the nearest package.json, and unknown where there is none", () => {
    expect(programVersion(import.meta.url)).toBe("0.0.0");
    expect(programVersion("file:///nowhere/at/all/main.js")).toBe("unknown");
  });
});
