// What Python meets: a development chain, a miner of the SDK, and a counterpart that signs, verifies and reads the chain with our packages.
import { connect } from "@vision/chain";
import { createDevnet } from "@vision/devnet";
import { PROTOCOL_VERSION } from "@vision/protocol";
import { allowEveryone, createHotkeyFromUri, createMiner, ready, silentLogger } from "@vision/sdk";
import { serve } from "@vision/sdk/node";
import { createFakeBackend } from "@vision/sdk/testing";
import { serveCounterpart } from "./counterpart.mjs";

/** Plain weights. */
const PLAIN_NETUID = 2;
/** Commit-reveal with a long epoch: a timelocked commit has to aim at a round that has not come yet. */
const TIMELOCK_NETUID = 3;
/** Commit-reveal with a short epoch: a commit by hash is revealed in the next one. */
const HASH_NETUID = 4;

// A quarter of a second: what Python's clients take a development chain by.
const BLOCK_TIME_MS = 250;
const STAKE_RAO = 1_000_000_000_000n;

const neurons = [
  { hotkey: "//validator", coldkey: "//Alice", stakeRao: STAKE_RAO, hasPermit: true },
  { hotkey: "//miner", coldkey: "//Bob" },
];

/**
 * Starts everything. One world per interpreter: a chain that another client has used is another chain.
 *
 * @returns The facts that Python is told, and a function that stops everything.
 */
export async function startWorld() {
  await ready();
  const devnet = await createDevnet({
    blockTimeMs: BLOCK_TIME_MS,
    subnets: [
      { netuid: PLAIN_NETUID, neurons },
      { netuid: TIMELOCK_NETUID, neurons, hyperparameters: { isCommitRevealEnabled: true, tempoBlocks: 600 } },
      { netuid: HASH_NETUID, neurons, hyperparameters: { isCommitRevealEnabled: true, tempoBlocks: 40 } },
    ],
  });
  const chain = await connect({ endpoints: [devnet.url] });
  const minerHotkey = createHotkeyFromUri("//miner");
  const tasks = { "chat-tiny": { capacityPerHour: 60_000 } };
  const miner = createMiner({
    hotkey: minerHotkey,
    tasks,
    backend: createFakeBackend(),
    validators: allowEveryone(),
    logger: silentLogger,
  });
  const minerServer = await serve(miner, { host: "127.0.0.1", port: 0 });
  const counterpart = await serveCounterpart({ hotkey: createHotkeyFromUri("//counterpart"), chain, devnet });
  return {
    facts: {
      url: devnet.url,
      plainNetuid: PLAIN_NETUID,
      timelockNetuid: TIMELOCK_NETUID,
      hashNetuid: HASH_NETUID,
      blockSeconds: BLOCK_TIME_MS / 1000,
      minerUrl: `http://127.0.0.1:${minerServer.port}`,
      minerHotkey: minerHotkey.address,
      counterpartUrl: `http://127.0.0.1:${counterpart.port}`,
      counterpartPort: counterpart.port,
      counterpartHotkey: counterpart.address,
      protocolVersion: PROTOCOL_VERSION,
      chatPath: "/v1/chat/completions",
      chatRequest: { model: "chat-tiny", messages: [{ role: "user", content: "Hello?" }], max_tokens: 8, temperature: 0, seed: 1 },
    },
    async stop() {
      await counterpart.close();
      await minerServer.close();
      await chain.close();
      await devnet.close();
    },
  };
}
