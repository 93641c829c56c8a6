import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { type ChainClient, ChainError, type WeightU16 } from "../../src/index.js";

/** A chain with subnet 2: `//Validator` is uid 0 with a permit and stake, `//Miner` uid 1 without. Rate limit 5, version key 3. */
export type ContractChain = { readonly client: ChainClient; newBlocks(count: number): Promise<void>; close(): Promise<void> };

export const contractHyperparameters = { weightsRateLimit: 5, weightsVersionKey: 3n, tempo: 20 } as const;

/** What every {@link ChainClient} does, whether it talks to a chain or is one in memory. */
export function runChainClientContract(name: string, start: () => Promise<ContractChain>): void {
  describe(`${name} as a ChainClient`, () => {
    const netuid = 2;
    let chain: ContractChain;
    let validator: Hotkey;
    let miner: Hotkey;

    beforeEach(async () => {
      await ready();
      [validator, miner] = [createHotkeyFromUri("//Validator"), createHotkeyFromUri("//Miner")];
      chain = await start();
      await chain.newBlocks(6);
    });
    afterEach(() => chain.close());

    const weights = [{ uid: 1, weightU16: 65_535 }];
    const request = () => ({ netuid, weights: owned(weights), versionKey: 3n, signer: validator });
    /** The weights with the hotkeys that the uids belong to; beyond the last uid a stranger's. */
    const owned = (list: readonly WeightU16[]) =>
      list.map((weight) => ({ ...weight, hotkey: ([validator, miner][weight.uid] ?? createHotkeyFromUri("//Stranger")).address }));
    const nameOf = async (action: Promise<unknown>): Promise<unknown> => {
      const error: unknown = await action.then(
        () => "was accepted",
        (reason: unknown) => reason,
      );
      return ChainError.isInstance(error) ? error.chainName : error;
    };

    it("shows the neurons in order of uid", async () => {
      const metagraph = await chain.client.getMetagraph(netuid);
      expect(metagraph.neurons.map(({ uid, hotkey, hasValidatorPermit }) => ({ uid, hotkey, hasValidatorPermit }))).toEqual([
        { uid: 0, hotkey: validator.address, hasValidatorPermit: true },
        { uid: 1, hotkey: miner.address, hasValidatorPermit: false },
      ]);
      expect(metagraph).toMatchObject({ netuid, tempoBlocks: 20 });
      expect(await nameOf(chain.client.getMetagraph(77))).toBe("SubnetNotExists");
    });

    it("publishes an endpoint and shows it", async () => {
      await chain.client.publishEndpoint({ netuid, host: "127.0.0.2", port: 8091, signer: miner });
      expect((await chain.client.getMetagraph(netuid)).neurons[1]?.endpoint).toEqual({ host: "127.0.0.2", port: 8091 });
      expect(await nameOf(chain.client.publishEndpoint({ netuid, host: "127.0.0.1", port: 8091, signer: miner }))).toBe("InvalidIpAddress");
      const stranger = createHotkeyFromUri("//Stranger");
      expect(await nameOf(chain.client.publishEndpoint({ netuid, host: "1.2.3.4", port: 1, signer: stranger }))).toBe(
        "HotKeyNotRegisteredInNetwork",
      );
    });

    it("sets weights, holds them, and counts the neuron's silence from there", async () => {
      const result = await chain.client.setWeights(request());
      expect(result.kind).toBe("set");
      expect(await chain.client.getWeights(netuid, 0)).toEqual(weights);
      expect(await chain.client.getWeights(netuid, 1)).toEqual([]);
      expect((await chain.client.getMetagraph(netuid)).neurons[0]?.lastUpdateBlock).toBe(result.blockNumber);
    });

    it("refuses weights under the chain's names, with the blocks to wait", async () => {
      const { client } = chain;
      expect(await nameOf(client.setWeights({ ...request(), signer: createHotkeyFromUri("//Stranger") }))).toBe(
        "HotKeyNotRegisteredInSubNet",
      );
      expect(await nameOf(client.setWeights({ ...request(), versionKey: 2n }))).toBe("IncorrectWeightVersionKey");
      expect(await nameOf(client.setWeights({ ...request(), weights: owned([{ uid: 0, weightU16: 1 }]), signer: miner }))).toBe(
        "NeuronNoValidatorPermit",
      );
      expect(await nameOf(client.setWeights({ ...request(), weights: owned([...weights, ...weights]) }))).toBe("DuplicateUids");
      await client.setWeights(request());
      const again: unknown = await client.setWeights(request()).catch((error: unknown) => error);
      expect(again).toMatchObject({ code: "CHAIN_REJECTED", chainName: "SettingWeightsTooFast", isRetryable: true, retryAfterBlocks: 4 });
      await chain.newBlocks(4);
      expect((await client.setWeights(request())).kind).toBe("set");
    });

    it("leaves out a weight whose uid belongs to another hotkey by now: it had incentive 1.000 for what its former holder earned", async () => {
      const { client } = chain;
      const stranger = createHotkeyFromUri("//Stranger").address;
      const stale = { uid: 1, hotkey: stranger, weightU16: 65_535 };
      await expect(client.setWeights({ ...request(), weights: [stale] })).rejects.toMatchObject({ code: "CHAIN_INVALID_WEIGHTS" });
      const own = { uid: 0, hotkey: validator.address, weightU16: 65_535 };
      const result = await client.setWeights({ ...request(), weights: [own, stale] });
      expect(result).toMatchObject({ weights: [{ uid: 0, weightU16: 65_535 }], dropped: [stale] });
      expect(await client.getWeights(netuid, 0)).toEqual([{ uid: 0, weightU16: 65_535 }]);
    });

    it("tells a caller's mistake from an outage: it is not worth a retry", async () => {
      const { client } = chain;
      const mistake = { code: "CHAIN_INVALID_ARGUMENT", isRetryable: false };
      const given = request();
      const mistakes: readonly (readonly [name: string, call: () => Promise<unknown>])[] = [
        ["netuid NaN", () => client.getMetagraph(Number.NaN)],
        ["netuid 65536", () => client.getHyperparameters(65_536)],
        ["netuid 1.5", () => client.getNextEpochBlock(1.5)],
        ["uid NaN", () => client.getWeights(netuid, Number.NaN)],
        ["uid -1", () => client.getWeights(netuid, -1)],
        ["version key -1", () => client.setWeights({ ...given, versionKey: -1n })],
        ["version key 2^64", () => client.setWeights({ ...given, versionKey: 2n ** 64n })],
        ["a weight of NaN", () => client.setWeights({ ...given, weights: [{ uid: 1, hotkey: miner.address, weightU16: Number.NaN }] })],
        ["netuid -1 of a commitment", () => client.setCommitment({ netuid: -1, bytes: Uint8Array.of(1), signer: miner })],
      ];
      for (const [name, call] of mistakes) {
        const error: unknown = await call().catch((reason: unknown) => reason);
        expect({ name, error }).toMatchObject({ name, error: mistake });
      }
    });

    it("tells how far each neuron's weights agree with consensus, from the next epoch on", async () => {
      const { client } = chain;
      expect(await client.getValidatorTrust(netuid)).toEqual([0, 0]);
      await client.setWeights(request());
      await chain.newBlocks(21);
      expect(await client.getValidatorTrust(netuid)).toEqual([1, 0]);
    });

    it("keeps the last commitment of each hotkey", async () => {
      await chain.client.setCommitment({ netuid, bytes: Uint8Array.of(1, 2), signer: miner });
      await chain.client.setCommitment({ netuid, bytes: Uint8Array.of(3), signer: miner });
      expect([...(await chain.client.getCommitments(netuid))]).toEqual([[miner.address, Uint8Array.of(3)]]);
      const stranger = createHotkeyFromUri("//Stranger");
      expect(await nameOf(chain.client.setCommitment({ netuid, bytes: Uint8Array.of(3), signer: stranger }))).toBe(
        "AccountNotAllowedCommit",
      );
    });

    it("finds the newest block that was made by a time, and none before the chain began", async () => {
      await chain.newBlocks(3);
      const newest = await chain.client.getBlock();
      expect(await chain.client.getBlockAt(Number.MAX_SAFE_INTEGER)).toEqual(newest);
      expect(await chain.client.getBlockAt(0)).toBeNull();
    });

    it("tells new blocks in order until told to stop, and knows the next epoch", async () => {
      const { client } = chain;
      const { number } = await client.getBlock();
      const numbers: number[] = [];
      const seen = new Promise<void>((resolve) => {
        const stop = client.watchBlocks((block) => {
          if (block.number <= number) return;
          numbers.push(block.number);
          if (numbers.length < 3) return;
          stop();
          resolve();
        });
      });
      await chain.newBlocks(4);
      await seen;
      expect(numbers).toEqual([number + 1, number + 2, number + 3]);
      const next = await client.getNextEpochBlock(netuid);
      expect(next).toBeGreaterThan((await client.getBlock()).number);
      expect(next - number).toBeLessThanOrEqual(21 + 4);
    });

    it("rejects with the signal's reason when it is aborted", async () => {
      const signal = AbortSignal.abort(new Error("enough"));
      await expect(chain.client.getMetagraph(netuid, { signal })).rejects.toThrow("enough");
      await expect(chain.client.setWeights(request(), { signal })).rejects.toThrow("enough");
    });
  });
}
