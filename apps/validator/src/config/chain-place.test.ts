import { describe, expect, it } from "@jest/globals";
import { chainPlace, describeChainPlace } from "./chain-place.js";

const own = "ws://me:hunter2@10.0.0.1:9944";

describe("chainPlace", () => {
  it("puts endpoints before the network or URL beside them", () => {
    expect(chainPlace({ network: "finney" })).toEqual({ endpoints: [], network: "finney" });
    expect(chainPlace({ network: "finney", endpoints: [own] })).toEqual({ endpoints: [own], network: "finney" });
    expect(chainPlace({ url: "wss://node.example", endpoints: [own] })).toEqual({ endpoints: [own, "wss://node.example"] });
    expect(chainPlace({ endpoints: [own] })).toEqual({ endpoints: [own] });
  });
});

describe("describeChainPlace", () => {
  it("names every place, without credentials", () => {
    expect(describeChainPlace({ network: "finney", endpoints: [own] })).toMatch(/^ws:\/\/10\.0\.0\.1:9944\/?, finney$/);
  });
});
