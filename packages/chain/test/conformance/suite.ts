import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import {
  ChainError,
  connect,
  createVote,
  decodeVote,
  encodeVote,
  type HotkeyWeight,
  isSameWeights,
  REVEAL_GRACE_BLOCKS,
  type SubtensorClient,
  type WeightU16,
} from "../../src/index.js";
import type { ChainHarness, HarnessSource } from "./harness.js";

const TAO = 1_000_000_000n;
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return `0x${bytes.toString("hex")}`;
};
const weights = (...values: number[]) => values.map((weightU16, uid) => ({ uid, weightU16 })).filter((weight) => weight.weightU16 > 0);

/**
 * What every chain must do for this package: one suite, run on the development node and on a real subtensor runtime. The cases build on
 * each other: a subnet is made, gets a validator and a miner, and goes through epochs.
 */
export function runConformance(source: HarnessSource): void {
  if ("skippedBecause" in source) {
    it.skip(`${source.name}: skipped, ${source.skippedBecause}`, () => undefined);
    return;
  }
  describe(source.name, () => {
    let harness: ChainHarness;
    let chain: SubtensorClient;
    let alice: Hotkey;
    let validator: Hotkey;
    let miner: Hotkey;
    let netuid = 0;

    const refusal = async (action: Promise<unknown>): Promise<unknown> => {
      const error: unknown = await action.then(
        () => "was accepted",
        (reason: unknown) => reason,
      );
      return ChainError.isInstance(error) ? error.chainName : error;
    };
    const reachEpochs = async (count: number) => {
      for (let epoch = 0; epoch < count; epoch += 1) {
        const [next, { number }] = await Promise.all([chain.getNextEpochBlock(netuid), chain.getBlock()]);
        await harness.newBlocks(Math.max(1, next - number));
      }
    };
    /** The weights with the hotkeys that the uids belong to at this moment. */
    const owned = async (list: readonly WeightU16[]): Promise<readonly HotkeyWeight[]> => {
      const { neurons } = await chain.getMetagraph(netuid);
      return list.map((weight) => ({ ...weight, hotkey: neurons[weight.uid]?.hotkey ?? alice.address }));
    };
    const uidOf = async (hotkey: Hotkey) => (await chain.getUid(netuid, hotkey.address)) ?? -1;

    beforeAll(async () => {
      await ready();
      [alice, validator, miner] = [
        createHotkeyFromUri("//Alice"),
        createHotkeyFromUri("//Conformance//v"),
        createHotkeyFromUri("//Conformance//m"),
      ];
      harness = await source.start();
      chain = await connect({ endpoints: [harness.url], inclusionTimeoutMs: 30_000 });
    }, 120_000);
    afterAll(async () => {
      await chain.close();
      await harness.close();
    });

    it("knows the runtime and the newest block", async () => {
      const { genesisHash } = await chain.getChainInfo();
      expect(genesisHash).toBe(await chain.getBlockHash(0));
      const block = await chain.getBlock();
      expect(await chain.getBlockHash(block.number)).toBe(block.hash);
    });

    it("registers a network, starts it, and prices a registration", async () => {
      await harness.setStorage("SubtensorModule", "NetworkRateLimit", [], u64(0n));
      const registered = await chain.registerNetwork({ hotkey: alice.address, signer: alice });
      netuid = registered.netuid;
      expect(netuid).toBeGreaterThan(0);
      await harness.setStorage("SubtensorModule", "CommitRevealWeightsEnabled", [netuid], "0x00");
      await harness.setStorage("SubtensorModule", "WeightsSetRateLimit", [netuid], u64(3n));
      await harness.setStorage("SubtensorModule", "FirstEmissionBlockNumber", [netuid], u64(1n));
      await harness.setStorage("SubtensorModule", "SubtokenEnabled", [netuid], "0x01");
      expect(await chain.getRegistrationCost(netuid)).toBeGreaterThan(0n);
      expect(await refusal(chain.getMetagraph(999))).toBe("SubnetNotExists");
    });

    it("registers hotkeys by burning, and refuses above the maximum with nothing sent", async () => {
      const before = await chain.getBalance(alice.address);
      await expect(chain.register({ netuid, hotkey: validator.address, signer: alice, maxBurnRao: 1n })).rejects.toMatchObject({
        code: "CHAIN_TOO_EXPENSIVE",
      });
      expect(await chain.getBalance(alice.address)).toBe(before);
      const registered = await chain.register({ netuid, hotkey: validator.address, signer: alice, maxBurnRao: 1000n * TAO });
      await harness.newBlocks(1);
      await chain.register({ netuid, hotkey: miner.address, signer: alice, maxBurnRao: 1000n * TAO });
      expect(registered.uid).toBe(await uidOf(validator));
      expect(await chain.getBalance(alice.address)).toBeLessThan(before);
      expect(await refusal(chain.register({ netuid, hotkey: miner.address, signer: alice, maxBurnRao: 1000n * TAO }))).toBe(
        "HotKeyAlreadyRegisteredInSubNet",
      );
    }, 60_000);

    it("publishes an endpoint from a hotkey without balance, once per rate limit", async () => {
      await chain.publishEndpoint({ netuid, host: "127.0.0.2", port: 8091, signer: miner });
      const metagraph = await chain.getMetagraph(netuid);
      expect(metagraph.neurons.find((neuron) => neuron.hotkey === miner.address)?.endpoint).toEqual({ host: "127.0.0.2", port: 8091 });
      const again: unknown = await chain
        .publishEndpoint({ netuid, host: "2001:db8::7", port: 8092, signer: miner })
        .catch((error: unknown) => error);
      expect(again).toMatchObject({ code: "CHAIN_REJECTED", chainName: "ServingRateLimitExceeded", isRetryable: true });
      await harness.setStorage("SubtensorModule", "ServingRateLimit", [netuid], u64(0n));
      await chain.publishEndpoint({ netuid, host: "2001:db8::7", port: 8092, signer: miner });
      const after = await chain.getMetagraph(netuid);
      expect(after.neurons.find((neuron) => neuron.hotkey === miner.address)?.endpoint).toEqual({ host: "2001:db8::7", port: 8092 });
      const stranger = createHotkeyFromUri("//Conformance//stranger");
      expect(await refusal(chain.publishEndpoint({ netuid, host: "127.0.0.2", port: 1, signer: stranger }))).toBe(
        "HotKeyNotRegisteredInNetwork",
      );
    }, 60_000);

    it("stakes on a hotkey, and gives a permit at an epoch", async () => {
      await chain.addStake({ netuid, hotkey: validator.address, amountRao: 500n * TAO, signer: alice });
      expect(await chain.getStake({ netuid, hotkey: validator.address, coldkey: alice.address })).toBeGreaterThan(0n);
      await reachEpochs(2);
      const { neurons } = await chain.getMetagraph(netuid);
      const mine = neurons.find((neuron) => neuron.hotkey === validator.address);
      expect(mine).toMatchObject({ hasValidatorPermit: true, coldkey: alice.address, uid: await uidOf(validator) });
      expect(mine?.stakeRao).toBeGreaterThan(0n);
    }, 120_000);

    it("sets weights, reads them back as meant, and refuses the next ones for the rate limit with the blocks to wait", async () => {
      const meant = weights(0, 20_000, 40_000);
      await reachEpochs(1);
      const result = await chain.setWeights({ netuid, weights: await owned(meant), versionKey: 10_000_000n, signer: validator });
      expect(result.kind).toBe("set");
      expect(isSameWeights(meant, await chain.getWeights(netuid, await uidOf(validator)))).toBe(true);
      const again: unknown = await chain
        .setWeights({ netuid, weights: await owned(meant), versionKey: 10_000_000n, signer: validator })
        .catch((error: unknown) => error);
      expect(again).toMatchObject({ chainName: "SettingWeightsTooFast", isRetryable: true, retryAfterBlocks: 2 });
      await harness.newBlocks(2);
      expect((await chain.setWeights({ netuid, weights: await owned(meant), versionKey: 10_000_000n, signer: validator })).kind).toBe(
        "set",
      );
    }, 120_000);

    it("refuses weights for a neuron without permit, for strangers and for an old version key", async () => {
      await harness.newBlocks(4);
      const request = { netuid, weights: await owned(weights(1, 1)), versionKey: 10n };
      expect(["NeuronNoValidatorPermit", "NotEnoughStakeToSetWeights"]).toContain(
        await refusal(chain.setWeights({ ...request, signer: miner })),
      );
      const stranger = createHotkeyFromUri("//Conformance//stranger");
      expect(await refusal(chain.setWeights({ ...request, signer: stranger }))).toBe("HotKeyNotRegisteredInSubNet");
      await harness.setStorage("SubtensorModule", "WeightsVersionKey", [netuid], u64(11n));
      expect(await refusal(chain.setWeights({ ...request, signer: validator }))).toBe("IncorrectWeightVersionKey");
      expect((await chain.setWeights({ ...request, versionKey: 11n, signer: validator })).kind).toBe("set");
      expect(await refusal(chain.setWeights({ ...request, versionKey: 11n, signer: validator }))).toBe("SettingWeightsTooFast");
    }, 120_000);

    it("holds commitments: a vote published by a hotkey is read back by everyone", async () => {
      const vote = createVote({ "chat-tiny": 0.6, "image-tiny": 0.4 });
      await chain.setCommitment({ netuid, bytes: encodeVote(vote), signer: validator });
      const bytes = (await chain.getCommitments(netuid)).get(validator.address);
      expect(bytes === undefined ? null : decodeVote(bytes)).toEqual({ ok: true, vote });
      const { hash } = await chain.getBlock();
      await chain.setCommitment({ netuid, bytes: new TextEncoder().encode("later"), signer: validator });
      expect((await chain.getCommitments(netuid, { atBlockHash: hash })).get(validator.address)).toEqual(encodeVote(vote));
    }, 60_000);

    it("reveals weights committed by hash in the right epoch only", async () => {
      await harness.setStorage("SubtensorModule", "CommitRevealWeightsEnabled", [netuid], "0x01");
      await harness.setStorage("SubtensorModule", "RevealPeriodEpochs", [netuid], u64(1n));
      await harness.newBlocks(4);
      const request = { netuid, weights: weights(7, 9), versionKey: 11n, signer: validator };
      const committed = await chain.commitWeightsHash(request);
      expect(["RevealTooEarly", "CommitBlockNotInRevealRange"]).toContain(
        await refusal(chain.revealWeights({ ...request, salt: committed.salt })),
      );
      await reachEpochs(1);
      expect(["InvalidRevealCommitHashNotMatch", "CommitNotFound"]).toContain(
        await refusal(chain.revealWeights({ ...request, salt: [1] })),
      );
      await chain.revealWeights({ ...request, salt: committed.salt });
      expect(isSameWeights(request.weights, await chain.getWeights(netuid, await uidOf(validator)))).toBe(true);
    }, 120_000);

    it("takes a timelocked commit when commit-reveal is on, and opens it in the epoch it was made for", async () => {
      await harness.newBlocks(4);
      const meant = weights(3, 5);
      const result = await chain.setWeights({ netuid, weights: await owned(meant), versionKey: 11n, signer: validator });
      if (result.kind !== "committed") throw new Error("The weights were not committed.");
      expect(result.revealBlock).toBeGreaterThan(result.blockNumber);
      const uid = await uidOf(validator);
      expect(isSameWeights(meant, await chain.getWeights(netuid, uid))).toBe(false);
      await harness.publishPulse?.(result.revealRound);
      const { number } = await chain.getBlock();
      await harness.newBlocks(result.revealBlock - number + 3);
      expect(isSameWeights(meant, await chain.getWeights(netuid, uid))).toBe(true);
    }, 120_000);

    it("says of a timelocked commit that lands in a later epoch than planned when the chain opens it: with that epoch's", async () => {
      const [planned, { number: before }] = await Promise.all([chain.getNextEpochBlock(netuid), chain.getBlock()]);
      await harness.newBlocks(Math.max(4, planned - 2 - before));
      const meant = weights(5, 3);
      let signed = 0;
      const slow = {
        ...validator,
        async sign(message: Uint8Array) {
          signed += 1;
          if (signed === 1) await harness.newBlocks(2);
          return validator.sign(message);
        },
      };
      const result = await chain.setWeights({ netuid, weights: await owned(meant), versionKey: 11n, signer: slow });
      if (result.kind !== "committed") throw new Error("The weights were not committed.");
      expect(result.blockNumber).toBeGreaterThan(planned);
      const next = await chain.getNextEpochBlock(netuid);
      expect(result.revealBlock - next).toBeGreaterThanOrEqual(0);
      expect(result.revealBlock - next).toBeLessThanOrEqual(REVEAL_GRACE_BLOCKS);
      await harness.publishPulse?.(result.revealRound);
      const { number } = await chain.getBlock();
      await harness.newBlocks(result.revealBlock - number + 3);
      expect(isSameWeights(meant, await chain.getWeights(netuid, await uidOf(validator)))).toBe(true);
    }, 120_000);

    it("tells every new block, in order", async () => {
      const { number } = await chain.getBlock();
      const seen = new Promise<number[]>((resolve) => {
        const numbers: number[] = [];
        const stop = chain.watchBlocks((block) => {
          numbers.push(block.number);
          if (numbers.length < 3) return;
          stop();
          resolve(numbers);
        });
      });
      await harness.newBlocks(3);
      expect(await seen).toEqual([number + 1, number + 2, number + 3]);
    }, 60_000);
  });
}
