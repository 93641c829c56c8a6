import { describe, expect, it } from "@jest/globals";
import { isDevelopmentChain, isPublicAddress } from "./address-checks.js";

describe("isPublicAddress", () => {
  it("takes addresses of the internet", () => {
    for (const host of ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"]) expect([host, isPublicAddress(host)]).toEqual([host, true]);
  });

  it("takes no other address, and no name", () => {
    const others = [
      "127.0.0.2",
      "0.0.0.0",
      "10.0.0.1",
      "172.16.0.1",
      "192.168.1.1",
      "169.254.1.1",
      "100.64.0.1",
      "203.0.113.7",
      "224.0.0.1",
    ];
    for (const host of [...others, "255.255.255.255", "::", "::1", "fe80::1", "fd00::1", "2001:db8::1", "2002:7f00:1::", "::ffff:10.0.0.1"])
      expect([host, isPublicAddress(host)]).toEqual([host, false]);
    for (const host of ["miner.example", "localhost", "8.8.8", "0x8.8.8.8", "2606:4700::1%eth0", ""])
      expect([host, isPublicAddress(host)]).toEqual([host, false]);
  });
});

describe("isDevelopmentChain", () => {
  it("knows chains on this machine and beside it", () => {
    for (const place of [
      "local",
      "ws://127.0.0.1:9944",
      "ws://localhost:9944",
      "ws://[::1]:9944",
      "ws://192.168.1.5:9944",
      "ws://chain:9944",
    ])
      expect([place, isDevelopmentChain(place)]).toEqual([place, true]);
    for (const place of ["finney", "test", "wss://node.example", "ws://8.8.8.8:9944", "nonsense"])
      expect([place, isDevelopmentChain(place)]).toEqual([place, false]);
  });
});
