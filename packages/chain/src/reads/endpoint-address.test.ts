import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decodeAxonEndpoint, encodeAxonAddress } from "./endpoint-address.js";

describe("axon addresses", () => {
  it.each([
    ["1.2.3.4", 0x01020304n, 4],
    ["127.0.0.2", 0x7f000002n, 4],
    ["2001:db8::7", 0x20010db8000000000000000000000007n, 6],
    ["::ffff:1.2.3.4", 0xffff01020304n, 6],
    ["fe80::", 0xfe80n << 112n, 6],
  ])("encode %s as the big-endian number", (host, ip, ipType) => {
    expect(encodeAxonAddress(host)).toEqual({ ip, ipType });
  });

  it.each([
    ["127.0.0.1", "InvalidIpAddress"],
    ["::1", "InvalidIpAddress"],
    ["255.255.255.255", "InvalidIpAddress"],
    ["example.com", "InvalidIpType"],
    ["", "InvalidIpType"],
  ])("refuse %s under the chain's name", (host, chainName) => {
    expect(() => encodeAxonAddress(host)).toThrow(expect.objectContaining({ code: "CHAIN_REJECTED", chainName }));
  });

  it("come back as they were", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (host) => {
        fc.pre(!["127.0.0.1", "255.255.255.255"].includes(host));
        let address: ReturnType<typeof encodeAxonAddress>;
        try {
          address = encodeAxonAddress(host);
        } catch {
          return;
        }
        const endpoint = decodeAxonEndpoint({ ...address, port: 80 });
        if (endpoint !== null) expect(encodeAxonAddress(endpoint.host)).toEqual(address);
        else expect(address.ip).toBe(0n);
      }),
    );
  });

  it("are none without address or port", () => {
    expect(decodeAxonEndpoint({ ip: 0n, ipType: 4, port: 80 })).toBeNull();
    expect(decodeAxonEndpoint({ ip: 1n, ipType: 4, port: 0 })).toBeNull();
  });
});
