import { describe, expect, it } from "@jest/globals";
import { isSamePlace, listenHost } from "./listeners.js";

describe("listenHost", () => {
  it("regression: an address with a port, or in brackets, was called good, and no program could listen there", () => {
    for (const host of [
      "",
      "0.0.0.0:8091",
      "localhost:80",
      "[::1]",
      "http://0.0.0.0",
      "1.2.3",
      "1.2.3.4.5",
      "256.0.0.1",
      "a b",
      "a..b",
      "-",
    ]) {
      expect([host, listenHost.safeParse(host).success]).toEqual([host, false]);
    }
  });

  it("takes addresses and names", () => {
    for (const host of ["0.0.0.0", "127.0.0.1", "::", "::1", "fe80::1%eth0", "localhost", "gpu-1.internal", "my_container"]) {
      expect([host, listenHost.safeParse(host).success]).toEqual([host, true]);
    }
  });
});

describe("isSamePlace", () => {
  it("knows that an address for all is in the way of each, and that a free port is in nobody's", () => {
    expect(isSamePlace({ host: "0.0.0.0", port: 8091 }, { host: "127.0.0.1", port: 8091 })).toBe(true);
    expect(isSamePlace({ host: "127.0.0.1", port: 8091 }, { host: "::", port: 8091 })).toBe(true);
    expect(isSamePlace({ host: "127.0.0.1", port: 8091 }, { host: "127.0.0.1", port: 8091 })).toBe(true);
    expect(isSamePlace({ host: "127.0.0.1", port: 8091 }, { host: "10.0.0.1", port: 8091 })).toBe(false);
    expect(isSamePlace({ host: "0.0.0.0", port: 8091 }, { host: "0.0.0.0", port: 8092 })).toBe(false);
    expect(isSamePlace({ host: "0.0.0.0", port: 0 }, { host: "0.0.0.0", port: 0 })).toBe(false);
  });
});
