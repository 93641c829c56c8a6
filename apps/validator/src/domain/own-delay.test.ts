import { describe, expect, it } from "@jest/globals";
import { mayBeOwnDelay } from "./own-delay.js";

describe("mayBeOwnDelay", () => {
  it.each([
    [{ stage: "time", status: null }, true],
    [{ stage: "connection", status: null }, true],
    [{ stage: "session", status: null }, true],
    [{ stage: "status", status: 401 }, true],
    [{ stage: "status", status: 408 }, true],
    [{ stage: "status", status: 500 }, false],
    [{ stage: "status", status: 404 }, false],
    [{ stage: "content", status: 200 }, false],
  ] as const)("%j: %s", (failure, expected) => expect(mayBeOwnDelay({ ...failure, blame: "miner" })).toBe(expected));

  it.each(["validator", "nobody"] as const)("takes nothing back that is the %s's already", (blame) => {
    expect(mayBeOwnDelay({ stage: "time", status: null, blame })).toBe(false);
  });
});
