import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Metagraph, type WeightU16 } from "@vision/chain";
import { createDevnet } from "@vision/devnet";
import type { LocalMiner, LocalValidator } from "./identities.js";
import { createWeightWait } from "./weight-wait.js";

/** The subnet that a local chain starts with. */
export const NETUID = 2;

const BLOCK_MS = 250;
const TAO = 1_000_000_000n;

/** The running chain as localnet needs it. */
export type LocalChain = {
  readonly url: string;
  /**
   * Registers the validator's hotkey and stakes on it, as an operator does, and hurries the chain to the epoch that gives it its permit.
   *
   * @throws Error when the chain gives no permit for the stake.
   */
  admitValidator(validator: LocalValidator): Promise<void>;
  /** Registers every miner's hotkey, each paid by a coldkey of its own. */
  registerMiners(miners: readonly LocalMiner[]): Promise<void>;
  /** Hotkeys that have published where they serve. */
  readPublished(signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** Resolves when weights that the validator commits from now on are open on chain; to false where it commits none, for many epochs. */
  waitForWeights(signal: AbortSignal): Promise<boolean>;
  /** The subnet and the weights that the validator has on chain, now. */
  read(): Promise<{ readonly metagraph: Metagraph; readonly weights: readonly WeightU16[] }>;
  close(): Promise<void>;
};

export type StartChainOptions = {
  readonly miners: readonly LocalMiner[];
  readonly validator: LocalValidator;
  readonly periodMs: number;
};

/**
 * Starts a development node with an empty subnet, and money on the coldkeys of the validator and the miners. A scoring period spans some
 * four epochs.
 */
export async function startChain({ miners, validator, periodMs }: StartChainOptions): Promise<LocalChain> {
  const tempoBlocks = Math.min(360, Math.max(16, Math.round(periodMs / BLOCK_MS / 4)));
  const devnet = await createDevnet({
    blockTimeMs: BLOCK_MS,
    chainName: "Vision localnet",
    balancesRao: Object.fromEntries([validator, ...miners].map(({ coldkey }) => [coldkey.address, 1_000n * TAO])),
    // Rounds as short as a few blocks, so that timelocked weights open soon after their epoch.
    beacon: { genesisTimeSeconds: 1_692_803_367, periodSeconds: 1 },
    subnets: [
      {
        netuid: NETUID,
        ownerHotkey: null,
        hyperparameters: {
          tempoBlocks,
          isCommitRevealEnabled: true,
          revealPeriodEpochs: 1,
          weightsRateLimitBlocks: 4n,
          servingRateLimitBlocks: 1n,
          immunityPeriodBlocks: 100_000,
          burnRao: TAO / 100n,
        },
      },
    ],
  });
  const client = await connect({ endpoints: [devnet.url] });
  let validatorUid = 0;

  return {
    url: devnet.url,
    async admitValidator({ hotkey, coldkey }) {
      const registered = await client.register({ netuid: NETUID, hotkey: hotkey.address, signer: coldkey, maxBurnRao: TAO });
      validatorUid = registered.uid;
      await client.addStake({ netuid: NETUID, hotkey: hotkey.address, amountRao: 900n * TAO, signer: coldkey });
      // Permits follow stake at an epoch. Nothing happens on the chain before it, so its blocks need not be waited for.
      devnet.produceBlocks((await client.getNextEpochBlock(NETUID)) - devnet.chain.head.header.number + 1);
      const { neurons } = await client.getMetagraph(NETUID);
      if (neurons[validatorUid]?.hasValidatorPermit !== true) throw new Error("The chain gave the validator no permit for its stake.");
    },
    async registerMiners(all) {
      await Promise.all(
        all.map(({ hotkey, coldkey }) =>
          client.register({ netuid: NETUID, hotkey: hotkey.address, signer: coldkey, maxBurnRao: 100n * TAO, slackPpm: 10_000_000 }),
        ),
      );
    },
    async readPublished(signal) {
      const { neurons } = await client.getMetagraph(NETUID, { signal });
      return new Set(neurons.filter(({ endpoint }) => endpoint !== null).map(({ hotkey }) => hotkey));
    },
    async waitForWeights(signal) {
      const { number: startBlock } = await client.getBlock({ signal });
      const look = createWeightWait({ startBlock, tempoBlocks });
      for (;;) {
        const { blockNumber, neurons } = await client.getMetagraph(NETUID, { signal });
        const found = look({ blockNumber, lastUpdateBlock: neurons[validatorUid]?.lastUpdateBlock ?? 0 });
        if (found !== "waiting") return found === "open";
        await sleep(BLOCK_MS, undefined, { signal });
      }
    },
    async read() {
      const [metagraph, weights] = await Promise.all([client.getMetagraph(NETUID), client.getWeights(NETUID, validatorUid)]);
      return { metagraph, weights };
    },
    async close() {
      await client.close();
      await devnet.close();
    },
  };
}
