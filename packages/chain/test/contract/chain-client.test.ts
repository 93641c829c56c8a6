import { createDevnet } from "@vision/devnet";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { connect } from "../../src/index.js";
import { createFakeChain } from "../../src/testing/index.js";
import { contractHyperparameters, runChainClientContract } from "./chain-client-contract.js";

const STAKE_RAO = 1_000_000_000_000n;

runChainClientContract("the in-memory chain", async () => {
  await ready();
  const client = createFakeChain({
    netuid: 2,
    neurons: [
      { hotkey: createHotkeyFromUri("//Validator").address, hasValidatorPermit: true, stakeRao: STAKE_RAO },
      { hotkey: createHotkeyFromUri("//Miner").address },
    ],
    hyperparameters: {
      tempoBlocks: contractHyperparameters.tempo,
      weightsRateLimitBlocks: contractHyperparameters.weightsRateLimit,
      weightsVersionKey: contractHyperparameters.weightsVersionKey,
    },
  });
  return { client, newBlocks: async (count) => client.advance(count), close: () => client.close() };
});

runChainClientContract("the subtensor client", async () => {
  const devnet = await createDevnet({
    production: "instant",
    subnets: [
      {
        netuid: 2,
        ownerHotkey: null,
        hyperparameters: {
          tempoBlocks: contractHyperparameters.tempo,
          weightsRateLimitBlocks: BigInt(contractHyperparameters.weightsRateLimit),
          weightsVersionKey: contractHyperparameters.weightsVersionKey,
          servingRateLimitBlocks: 0n,
          isCommitRevealEnabled: false,
        },
        neurons: [
          { hotkey: "//Validator", coldkey: "//Alice", stakeRao: STAKE_RAO, hasPermit: true },
          { hotkey: "//Miner", coldkey: "//Alice" },
        ],
      },
    ],
  });
  const client = await connect({ endpoints: [devnet.url] });
  return {
    client,
    newBlocks: async (count) => void devnet.produceBlocks(count),
    async close() {
      await client.close();
      await devnet.close();
    },
  };
});
