import { describe, expect, it } from "@jest/globals";
import { clientAddress } from "./client-address.js";

describe("clientAddress", () => {
  it("counts an IPv4 address as one, however it is written", () => {
    expect(clientAddress("203.0.113.7")).toBe("203.0.113.7");
    expect(clientAddress("::ffff:203.0.113.7")).toBe("203.0.113.7");
  });

  it("counts the addresses of one IPv6 network as one", () => {
    const expected = "2001:db8:1:2::/64";
    for (const address of ["2001:db8:1:2::1", "2001:0db8:1:2:ffff:1:2:3", "2001:db8:1:2:0:0:0:9%eth0"])
      expect({ address, as: clientAddress(address) }).toEqual({ address, as: expected });
    expect(clientAddress("2001:db8:1:3::1")).not.toBe(expected);
    expect(clientAddress("::1")).toBe("0:0:0:0::/64");
    expect(clientAddress("fe80::1%lo")).toBe("fe80:0:0:0::/64");
  });

  it("counts a connection that is gone already to nobody", () => {
    expect(clientAddress(undefined)).toBe("unknown");
  });
});
