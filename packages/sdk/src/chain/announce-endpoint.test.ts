import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Neuron, PublishEndpointRequest } from "@vision/chain";
import { fakeNeuron } from "@vision/chain/testing";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { type Logger, silentLogger } from "../runtime/logger.js";
import { announceEndpoint } from "./announce-endpoint.js";

let hotkey: Hotkey;
beforeAll(async () => {
  await ready();
  hotkey = createHotkeyFromUri("//Alice");
});

function chainOf(neurons: readonly Neuron[], failure: Error | null = null) {
  const published: PublishEndpointRequest[] = [];
  return {
    published,
    getMetagraph: async (netuid: number) => ({ netuid, blockNumber: 1, tempoBlocks: 360, ownerHotkey: null, neurons }),
    async publishEndpoint(request: PublishEndpointRequest) {
      if (failure !== null) throw failure;
      published.push(request);
      return { blockNumber: 2, blockHash: "0x", extrinsicHash: "0x" };
    },
  };
}

const signal = new AbortController().signal;
const place = { netuid: 19, host: "203.0.113.7", port: 8091 };

describe("announceEndpoint", () => {
  it("publishes an endpoint that the chain does not have", async () => {
    const chain = chainOf([fakeNeuron({ hotkey: hotkey.address, endpoint: { host: "203.0.113.7", port: 1 } })]);
    expect(await announceEndpoint(chain, { ...place, hotkey }, { logger: silentLogger, signal })).toBe("published");
    expect(chain.published).toEqual([{ ...place, signer: hotkey }]);
  });

  it("publishes nothing when the chain has it already, because publishing is rate limited", async () => {
    const chain = chainOf([fakeNeuron({ hotkey: hotkey.address, endpoint: { host: "203.0.113.7", port: 8091 } })]);
    expect(await announceEndpoint(chain, { ...place, hotkey }, { logger: silentLogger, signal })).toBe("unchanged");
    expect(chain.published).toEqual([]);
  });

  it("publishes an IPv6 endpoint once, however it is written", async () => {
    const chain = chainOf([fakeNeuron({ hotkey: hotkey.address, endpoint: { host: "2001:db8::a:7", port: 8091 } })]);
    for (const host of ["2001:db8::a:7", "2001:DB8:0:0:0:0:A:7", "2001:0db8::000a:0007", "2001:db8::0.10.0.7"]) {
      const result = await announceEndpoint(chain, { ...place, host, hotkey }, { logger: silentLogger, signal });
      expect([host, result]).toEqual([host, "unchanged"]);
    }
    expect(await announceEndpoint(chain, { ...place, host: "2001:db8::a:8", hotkey }, { logger: silentLogger, signal })).toBe("published");
  });

  it("publishes a validator's API as what it is, and once; a miner's place of the same hotkey is another", async () => {
    const api = { ...place, serves: "gateway" as const, hotkey };
    const { host, port } = place;
    const asMiner = chainOf([fakeNeuron({ hotkey: hotkey.address, endpoint: { host, port } })]);
    expect(await announceEndpoint(asMiner, api, { logger: silentLogger, signal })).toBe("published");
    expect(asMiner.published).toEqual([{ ...place, serves: "gateway", signer: hotkey }]);
    const there = chainOf([fakeNeuron({ hotkey: hotkey.address, gatewayEndpoint: { host, port } })]);
    expect(await announceEndpoint(there, api, { logger: silentLogger, signal })).toBe("unchanged");
    expect(await announceEndpoint(there, { ...place, hotkey }, { logger: silentLogger, signal })).toBe("published");
  });

  it("warns, and goes on, when the hotkey is not registered or the chain refuses", async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
    expect(await announceEndpoint(chainOf([]), { ...place, hotkey }, { logger, signal })).toBe("notRegistered");
    const refusing = chainOf([fakeNeuron({ hotkey: hotkey.address, endpoint: null })], new Error("ServingRateLimitExceeded"));
    expect(await announceEndpoint(refusing, { ...place, hotkey }, { logger, signal })).toBe("failed");
    expect(warnings).toEqual([expect.stringContaining("not registered"), expect.stringContaining("could not be published")]);
  });
});
