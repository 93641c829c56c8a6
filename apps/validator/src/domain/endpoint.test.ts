import { describe, expect, it } from "@jest/globals";
import { toReachableEndpoint } from "./endpoint.js";

const reach = (host: string, arePrivateAllowed: boolean) => toReachableEndpoint({ host, port: 8091 }, arePrivateAllowed)?.host ?? null;

describe("toReachableEndpoint", () => {
  it("takes public addresses", () => {
    for (const host of ["8.8.8.8", "172.32.0.1", "2a01:4f8::1"]) expect(reach(host, false)).toBe(host);
  });

  it("does not let a miner point the validator at its own network", () => {
    const inside = [
      "127.0.0.1",
      "127.9.9.9",
      "10.1.2.3",
      "172.16.0.1",
      "192.168.1.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
      "0.0.0.1",
    ];
    for (const host of [...inside, "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::"]) {
      expect({ host, reached: reach(host, false) }).toEqual({ host, reached: null });
    }
  });

  it("takes the stand-ins for this machine on a development chain", () => {
    for (const host of ["127.0.0.2", "0.0.0.1", "::ffff:127.0.0.2"]) expect(reach(host, true)).toBe("127.0.0.1");
    expect(reach("192.168.1.1", true)).toBe("192.168.1.1");
  });

  it("refuses names, nonsense and impossible ports", () => {
    for (const host of ["localhost", "example.com", "", "1.2.3"]) expect(reach(host, true)).toBeNull();
    for (const port of [0, -1, 65_536, 1.5]) expect(toReachableEndpoint({ host: "8.8.8.8", port }, true)).toBeNull();
    expect(toReachableEndpoint(null, true)).toBeNull();
  });
});
