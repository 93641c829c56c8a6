import { describe, expect, it } from "@jest/globals";
import { createStaticDirectory } from "./static-directory.js";

describe("createStaticDirectory", () => {
  it("allows the named hotkeys and tells the others why not", () => {
    const directory = createStaticDirectory(["5Alice"]);
    expect(directory.isAllowed("5Alice")).toEqual({ isAllowed: true, stakeRao: 0n });
    expect(directory.isAllowed("5Bob")).toMatchObject({ isAllowed: false });
  });
});
