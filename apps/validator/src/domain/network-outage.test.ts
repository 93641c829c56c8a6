import { describe, expect, it } from "@jest/globals";
import { defaultOutageParams, isOutage, reachSignOf, readReachSign } from "./network-outage.js";

describe("readReachSign", () => {
  it.each([
    ["connection", null, "unreachable"],
    ["connection", 200, "unreachable"],
    ["status", 401, "unreachable"],
    ["status", 403, "unreachable"],
    ["status", 500, "reached"],
    ["time", null, "unknown"],
    ["session", 200, "unknown"],
    ["content", 200, "unknown"],
    ["request", null, "unknown"],
  ] as const)("%s, status %s: %s", (stage, status, sign) => expect(readReachSign({ stage, status })).toBe(sign));

  it("takes every answer and refusal as a sign of life, and only the miner's failures as none", () => {
    const failure = { stage: "connection", status: null } as const;
    expect(reachSignOf({ outcome: "ok", blame: "nobody", failure: null })).toBe("reached");
    expect(reachSignOf({ outcome: "rateLimited", blame: "miner", failure: null })).toBe("reached");
    expect(reachSignOf({ outcome: "failed", blame: "nobody", failure })).toBe("unknown");
    expect(reachSignOf({ outcome: "failed", blame: "miner", failure })).toBe("unreachable");
  });
});

describe("isOutage", () => {
  it("needs four fifths of five miners", () => {
    expect(isOutage({ failing: 4, heard: 5 }, defaultOutageParams)).toBe(true);
    expect(isOutage({ failing: 3, heard: 5 }, defaultOutageParams)).toBe(false);
    expect(isOutage({ failing: 4, heard: 4 }, defaultOutageParams)).toBe(false);
  });
});
