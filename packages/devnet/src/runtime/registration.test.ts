import { beforeAll, describe, expect, it } from "@jest/globals";
import { ready } from "@vision/signing";
import { parseAccount, toGenesis } from "../devnet-options.js";
import { subtensorStorage } from "../metadata/pallets/subtensor-storage.js";
import { State } from "../storage/state.js";
import { VersionedStore } from "../storage/versioned-store.js";
import { buildGenesis } from "./genesis.js";
import { uidToPrune } from "./neurons.js";
import { decayBurns, decayFactorQ32, register } from "./registration.js";
import { createDevelopmentBeacon } from "./timelock/beacon.js";

const netuid = 2;
const beacon = createDevelopmentBeacon({ genesisTimeSeconds: 0, periodSeconds: 3 });

function chain(hyperparameters: Parameters<typeof Object.assign>[0] = {}) {
  const store = new VersionedStore(10);
  const genesis = toGenesis({ subnets: [{ netuid, ownerHotkey: "//Owner//hotkey", hyperparameters }] }, 1000);
  store.apply(0, buildGenesis(genesis, beacon));
  const state = new State(store.at(0));
  const context = (blockNumber: number) => ({ state, blockNumber, parentHash: "", emit: () => undefined });
  const add = (hotkey: string, blockNumber: number) =>
    register(context(blockNumber), { coldkey: parseAccount("//Alice"), hotkey: parseAccount(hotkey), netuid });
  return { state, context, add };
}

beforeAll(ready);

describe("the price of registration", () => {
  it("halves in a half-life, to the precision of the chain's 32 bits", () => {
    const factor = Number(decayFactorQ32(360)) / 2 ** 32;
    expect(factor ** 360).toBeCloseTo(0.5, 6);
    const { state, context } = chain({ minBurnRao: 1n });
    for (let block = 2; block < 362; block += 1) decayBurns(context(block), [netuid]);
    expect(Number(state.get(subtensorStorage.burn, netuid)) / 1e8).toBeCloseTo(0.5, 4);
  });

  it("rises by 1.26 with every registration and stops at the limits", () => {
    const { state, add, context } = chain({ maxBurnRao: 130_000_000n, minBurnRao: 125_000_000n });
    add("//M1", 1);
    expect(state.get(subtensorStorage.burn, netuid)).toBe(126_000_000n);
    add("//M2", 1);
    expect(state.get(subtensorStorage.burn, netuid)).toBe(130_000_000n);
    for (let block = 2; block < 100; block += 1) decayBurns(context(block), [netuid]);
    expect(state.get(subtensorStorage.burn, netuid)).toBe(125_000_000n);
  });
});

describe("a full subnet", () => {
  const full = () => {
    const made = chain({ maxUids: 4, immunityPeriodBlocks: 10, minNonImmuneUids: 0 });
    for (const [index, hotkey] of ["//M1", "//M2", "//M3"].entries()) made.add(hotkey, 1 + index);
    return made;
  };

  it("gives up the lowest emission past its immunity, and never the owner", () => {
    const { state } = full();
    state.put(subtensorStorage.emission, [netuid], [0n, 30n, 10n, 20n]);
    expect(uidToPrune(state, netuid, 50)).toBe(2);
  });

  it("gives up the oldest among equals", () => {
    expect(uidToPrune(full().state, netuid, 50)).toBe(1);
  });

  it("gives up the only one past its immunity, whatever it earns", () => {
    const { state } = full();
    state.put(subtensorStorage.emission, [netuid], [0n, 99n, 0n, 0n]);
    expect(uidToPrune(state, netuid, 11)).toBe(1);
  });

  it("forgets what the replaced neuron had, and weights on it", () => {
    const { state, add } = full();
    state.put(
      subtensorStorage.weights,
      [netuid, 3],
      [
        [1, 65_535],
        [2, 5],
      ],
    );
    state.put(subtensorStorage.incentive, [netuid], [0, 7, 8, 9]);
    add("//M4", 60);
    expect(state.get(subtensorStorage.keys, netuid, 1)).toBe(parseAccount("//M4"));
    expect(state.get(subtensorStorage.uids, netuid, parseAccount("//M1"))).toBeNull();
    expect(state.get(subtensorStorage.weights, netuid, 3)).toEqual([
      [1, 0],
      [2, 5],
    ]);
    expect(state.get(subtensorStorage.incentive, netuid)).toEqual([0, 0, 8, 9]);
    expect(state.get(subtensorStorage.lastUpdate, netuid)[1]).toBe(60n);
  });

  it("refuses when only the owner is left to give up", () => {
    const { add } = chain({ maxUids: 1 });
    expect(() => add("//M1", 5)).toThrow("NoNeuronIdAvailable");
  });
});
