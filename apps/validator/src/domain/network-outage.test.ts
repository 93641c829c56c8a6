import { describe, expect, it } from "@jest/globals";
import { defaultOutageParams, isOutage, reachSignOf, readReachSign } from "./network-outage.js";

describe("readReachSign", () => {
  it.each([
    ["connection failed: ECONNREFUSED", "unreachable"],
    ["the connection was closed", "unreachable"],
    ["status 401 again in a new session", "unreachable"],
    ["status 403: NO_PERMIT", "unreachable"],
    ["status 500", "reached"],
    ["no complete answer within 15000 ms", "unknown"],
    [null, "unknown"],
  ])("%s: %s", (reason, sign) => expect(readReachSign(reason)).toBe(sign));

  it("takes every answer and refusal as a sign of life, and only the miner's failures as none", () => {
    expect(reachSignOf({ outcome: "ok", blame: "nobody", reason: null })).toBe("reached");
    expect(reachSignOf({ outcome: "rateLimited", blame: "miner", reason: "rate limited" })).toBe("reached");
    expect(reachSignOf({ outcome: "failed", blame: "nobody", reason: "connection failed: ABORTED" })).toBe("unknown");
  });
});

describe("isOutage", () => {
  it("needs four fifths of five miners", () => {
    expect(isOutage({ failing: 4, heard: 5 }, defaultOutageParams)).toBe(true);
    expect(isOutage({ failing: 3, heard: 5 }, defaultOutageParams)).toBe(false);
    expect(isOutage({ failing: 4, heard: 4 }, defaultOutageParams)).toBe(false);
  });
});
