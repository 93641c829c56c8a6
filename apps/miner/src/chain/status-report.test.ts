import { describe, expect, it } from "@jest/globals";
import { fakeNeuron } from "@vision/chain/testing";
import type { Neuron } from "@vision/sdk/chain";
import { describeStatus } from "./describe-status.js";
import type { ProbeResult } from "./probe-endpoint.js";
import { findStatusProblems, readStatus, type StatusChain } from "./status-report.js";

const endpoint = { host: "203.0.113.7", port: 8091 };

const neuron = (uid: number, fields: Partial<Neuron>) => fakeNeuron({ hotkey: `5Hotkey${uid}`, coldkey: "5Coldkey", ...fields }, uid);

function chainOf(own: Partial<Neuron> | null): StatusChain {
  const neurons = [neuron(0, { incentiveFraction: 0.5 }), ...(own === null ? [] : [neuron(1, { hotkey: "5Mine", ...own })])];
  return {
    getMetagraph: async () => ({ netuid: 19, blockNumber: 1_000, tempoBlocks: 360, ownerHotkey: null, neurons }),
    getHyperparameters: async () => ({
      tempoBlocks: 360,
      weightsVersionKey: 0n,
      weightsRateLimitBlocks: 100,
      minAllowedWeights: 1,
      isCommitRevealEnabled: true,
      revealPeriodEpochs: 1,
      servingRateLimitBlocks: 50,
      immunityPeriodBlocks: 400,
      stakeThresholdRao: 0n,
      maxUids: 256,
    }),
    getRegistrationCost: async () => 123_000_000n,
    close: async () => {},
  };
}

const answering: ProbeResult = { kind: "answers", hotkey: "5Mine", tasks: ["chat-tiny", "image-tiny"] };

async function statusOf(own: Partial<Neuron> | null, given: { probe?: ProbeResult; configured?: typeof endpoint | null } = {}) {
  const { probe = answering, configured = endpoint } = given;
  const subject = { netuid: 19, network: "finney", hotkey: "5Mine", configuredEndpoint: configured };
  const report = await readStatus(subject, { chain: chainOf(own), probe: async () => probe });
  const problems = findStatusProblems(report);
  return { report, problems, text: await describeStatus(report, problems) };
}

describe("status", () => {
  it("says what the chain knows of a miner that is well", async () => {
    const own = { endpoint, incentiveFraction: 0.25, emissionRao: 1_500_000_000n, stakeRao: 3_000_000_000n, registeredAtBlock: 900 };
    const { text, problems } = await statusOf(own);
    expect(problems).toEqual([]);
    expect(text).toBe(
      [
        "network     finney, block 1000",
        "subnet      19",
        "hotkey      5Mine",
        "uid         1, registered in block 900, immune for 300 blocks, about 1 h more",
        "published   203.0.113.7:8091",
        "configured  203.0.113.7:8091",
        "stake       3",
        "incentive   25.0000 %, place 2 of 2",
        "emission    1.5 alpha at the last epoch; an epoch is 360 blocks, about 1 h 12 min",
        "answers     yes, with chat-tiny, image-tiny, at http://203.0.113.7:8091/v1/status",
      ].join("\n"),
    );
  });

  it("says what registering costs where the hotkey is not registered", async () => {
    const { text, problems } = await statusOf(null);
    expect(problems).toEqual([expect.stringContaining("not registered")]);
    expect(text).toContain("price       0.123 TAO now");
  });

  it("says what keeps validators away", async () => {
    expect((await statusOf({})).problems).toEqual([expect.stringContaining("No endpoint is published")]);
    expect((await statusOf({}, { configured: null })).problems).toEqual([expect.stringContaining("Set chain.announce")]);
    expect((await statusOf({ endpoint: { ...endpoint, port: 1 } })).problems).toEqual([expect.stringContaining("not the configured one")]);
    expect((await statusOf({ endpoint }, { probe: { kind: "fails", reason: "it hung up" } })).problems).toEqual([
      "The published endpoint does not answer from here: it hung up.",
    ]);
    expect((await statusOf({ endpoint }, { probe: { ...answering, hotkey: "5Other" } })).problems).toEqual([
      expect.stringContaining("answers another miner, 5Other"),
    ]);
  });

  it("is content with a published endpoint where the configuration names none", async () => {
    expect((await statusOf({ endpoint }, { configured: null })).problems).toEqual([]);
  });

  it("says when the immunity is over", async () => {
    const { text } = await statusOf({ endpoint, registeredAtBlock: 600 });
    expect(text).toContain("registered in block 600, immunity is over");
    expect(text).toContain("incentive   0.0000 %\n");
  });
});
