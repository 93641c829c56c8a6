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

  it("regression: 6to4, Teredo, NAT64 and IPv4-compatible addresses led to 127.0.0.1, and reserved ranges were taken", () => {
    const embedded = ["2002:7f00:1::", "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"];
    const mapped = ["::7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1", "::ffff:a00:1", "::ffff:192.0.2.1"];
    const reservedV4 = [
      "192.0.0.8",
      "192.0.2.1",
      "192.88.99.1",
      "198.18.0.1",
      "198.51.100.1",
      "203.0.113.1",
      "240.0.0.1",
      "255.255.255.255",
    ];
    const others = [
      "192.175.48.1",
      "192.31.196.1",
      "192.52.193.1",
      "2001:db8::1",
      "2001:2::1",
      "2001:20::1",
      "3fff::1",
      "4000::1",
      "5f00::1",
    ];
    for (const host of [...embedded, ...mapped, ...reservedV4, ...others, "100::1", "fec0::1", "ff02::1", "fe80::1%eth0"]) {
      expect({ host, reached: reach(host, false) }).toEqual({ host, reached: null });
    }
  });

  it("takes a public IPv4 address in its IPv6 form, and IPv6 in every spelling, as the one address that it is", () => {
    expect(reach("::ffff:8.8.8.8", false)).toBe("8.8.8.8");
    expect(reach("2A01:04F8:0:0:0:0:0:1", false)).toBe("2a01:4f8::1");
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
