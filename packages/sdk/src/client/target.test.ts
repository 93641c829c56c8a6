import { describe, expect, it } from "@jest/globals";
import { targetKey, targetOrigin } from "./target.js";

describe("targets", () => {
  it("have an origin, also with an IPv6 address", () => {
    expect(targetOrigin({ hotkey: "5F", host: "203.0.113.7", port: 8091 })).toBe("https://203.0.113.7:8091");
    expect(targetOrigin({ hotkey: "5F", host: "2001:db8::7", port: 8091 })).toBe("https://[2001:db8::7]:8091");
  });

  it("are others at another address or with another hotkey", () => {
    const target = { hotkey: "5F", host: "203.0.113.7", port: 8091 };
    const keys = [target, { ...target, port: 8092 }, { ...target, hotkey: "5G" }].map(targetKey);
    expect(new Set(keys).size).toBe(3);
  });
});
