import { EventEmitter } from "node:events";
import { describe, expect, it } from "@jest/globals";
import { createConnectionGate } from "./connection-gate.js";
import { createKnownAddresses } from "./known-addresses.js";

class Connection extends EventEmitter {
  isCut = false;
  destroy() {
    this.isCut = true;
    this.emit("close");
  }
}

const newGate = (maxConnections: number, maxConnectionsPerStranger = maxConnections) => {
  const known = createKnownAddresses();
  const gate = createConnectionGate({ maxConnections, maxConnectionsPerStranger, known });
  const open = (address: string) => {
    const connection = new Connection();
    gate.admit(connection, address);
    return connection;
  };
  return { gate, known, open };
};

describe("connection gate", () => {
  it("does not let one stranger take all connections", () => {
    const { gate, open } = newGate(100, 4);
    const connections = Array.from({ length: 50 }, () => open("stranger"));
    expect([gate.size, connections.filter((one) => one.isCut).length]).toEqual([4, 46]);
    connections[0]?.destroy();
    expect(open("stranger").isCut).toBe(false);
  });

  it("lets a validator that nobody knows yet in when strangers of many addresses hold every connection", () => {
    const { gate, open } = newGate(16, 4);
    const crowd = ["a", "a", "a", "b", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"].map((address) => open(address));
    expect(gate.size).toBe(16);
    expect(open("validator").isCut).toBe(false);
    expect(crowd.map((one) => one.isCut).indexOf(true)).toBe(0);
    expect(gate.size).toBe(16);
  });

  it("cuts strangers, never a validator, for whoever comes", () => {
    const { known, open } = newGate(8);
    known.add("validator");
    const own = Array.from({ length: 6 }, () => open("validator"));
    const strangers = Array.from({ length: 20 }, (_, index) => open(`stranger-${index}`));
    expect(own.some((one) => one.isCut)).toBe(false);
    expect(strangers.filter((one) => !one.isCut)).toHaveLength(2);
  });

  it("keeps a part for validators that are not there yet, and each its equal share", () => {
    const { known, open } = newGate(16);
    for (const address of ["first", "second"]) known.add(address);
    const first = Array.from({ length: 20 }, () => open("first"));
    expect(first.filter((one) => !one.isCut)).toHaveLength(14);
    const second = Array.from({ length: 2 }, () => open("second"));
    expect(second.some((one) => one.isCut)).toBe(false);
    // When one falls free, the first has more than its share already.
    first[0]?.destroy();
    expect(open("first").isCut).toBe(true);
    expect(open("second").isCut).toBe(false);
  });

  it("forgets connections that have ended", () => {
    const { gate, open } = newGate(4, 2);
    for (let index = 0; index < 100; index += 1) open("a").destroy();
    expect(gate.size).toBe(0);
  });
});
