import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createMemoryTerminal } from "@vision/program/testing";
import { createColdkeyFile, createHotkeyFile, type Keypair, type RegisterRequest, type WalletLocation } from "@vision/sdk/chain";
import { type RegistrationChain, registerHotkey } from "./register-hotkey.js";

let walletsPath = "";
let wallet: WalletLocation = {};
let coldkey: Keypair;
let hotkey: Keypair;

beforeAll(async () => {
  walletsPath = await mkdtemp(join(tmpdir(), "vision-miner-register-"));
  wallet = { walletsPath, wallet: "mine" };
  coldkey = await createColdkeyFile(wallet, { password: null });
  hotkey = await createHotkeyFile(wallet);
});
afterAll(() => rm(walletsPath, { recursive: true, force: true }));

const TAO = 1_000_000_000n;

function chainOf({ priceRao = TAO, balanceRao = 5n * TAO, uid = null as number | null } = {}) {
  const requests: RegisterRequest[] = [];
  let leftRao = balanceRao;
  const chain: RegistrationChain = {
    getUid: async () => uid,
    getRegistrationCost: async () => priceRao,
    getBalance: async (address) => (address === coldkey.address ? leftRao : 0n),
    getHyperparameters: async () => ({
      tempoBlocks: 360,
      weightsVersionKey: 0n,
      weightsRateLimitBlocks: 100,
      minAllowedWeights: 1,
      isCommitRevealEnabled: true,
      revealPeriodEpochs: 1,
      servingRateLimitBlocks: 50,
      immunityPeriodBlocks: 100,
      stakeThresholdRao: 0n,
      maxUids: 256,
    }),
    async register(request) {
      requests.push(request);
      leftRao -= priceRao + 100n;
      return { uid: 7, blockNumber: 123, blockHash: "0x1", extrinsicHash: "0x2" };
    },
    close: async () => {},
  };
  return { chain, requests };
}

function register(
  terminal: ReturnType<typeof createMemoryTerminal>,
  given: { chain?: RegistrationChain; isConfirmed?: boolean; location?: WalletLocation } = {},
) {
  const { chain = chainOf().chain, isConfirmed = true, location = wallet } = given;
  const registration = { netuid: 19, network: "finney", wallet: location, maxBurnRao: 2n * TAO, isConfirmed };
  return registerHotkey(registration, { chain, terminal, environment: {} });
}

describe("registerHotkey", () => {
  it("tells the price, registers with the coldkey and prints uid, block and cost, and no secret", async () => {
    const { chain, requests } = chainOf();
    const terminal = createMemoryTerminal();
    expect(await register(terminal, { chain })).toBe(0);
    expect(requests).toEqual([expect.objectContaining({ netuid: 19, hotkey: hotkey.address, maxBurnRao: 2n * TAO })]);
    expect(requests[0]?.signer.address).toBe(coldkey.address);
    expect(terminal.printed).toEqual(["Registered: uid 7 of subnet 19, in block 123. The coldkey paid 1.0000001 TAO, fee included."]);
    expect(terminal.noted).toEqual([
      [
        "network   finney",
        "subnet    19",
        `hotkey    ${hotkey.address}`,
        `coldkey   ${coldkey.address}, with 5 TAO`,
        "price     1 TAO, burned: nobody gives it back",
        "immunity  100 blocks, about 20 min, in which others lose their place first",
      ].join("\n"),
      "Registering; this takes a block or two.",
    ]);
    for (const key of [coldkey, hotkey]) {
      const secret = key.revealSecret?.();
      const said = [...terminal.printed, ...terminal.noted].join("\n");
      for (const text of [secret?.mnemonic, secret?.seedHex?.slice(2), secret?.privateKeyHex.slice(2)]) {
        expect(text).toBeTruthy();
        expect(said).not.toContain(text);
      }
    }
  });

  it("sends nothing when the price is above the maximum or the funds are too little", async () => {
    for (const [state, reason] of [
      [{ priceRao: 2n * TAO + 1n }, "above --max-burn 2"],
      [{ balanceRao: TAO / 4n }, "0.75 TAO too little"],
    ] as const) {
      const { chain, requests } = chainOf(state);
      const terminal = createMemoryTerminal(["yes"]);
      expect(await register(terminal, { chain, isConfirmed: false })).toBe(1);
      expect(terminal.noted.at(-1)).toContain(reason);
      expect(requests).toEqual([]);
    }
  });

  it("asks, and sends nothing without a yes", async () => {
    for (const [answer, count] of [
      ["y", 1],
      ["Yes ", 1],
      ["", 0],
      ["no", 0],
    ] as const) {
      const { chain, requests } = chainOf();
      const terminal = createMemoryTerminal([answer]);
      expect(await register(terminal, { chain, isConfirmed: false })).toBe(count === 1 ? 0 : 1);
      expect([answer, requests.length]).toEqual([answer, count]);
    }
  });

  it("sends nothing when there is nobody to ask, and says how to agree", async () => {
    const { chain, requests } = chainOf();
    const terminal = createMemoryTerminal();
    expect(await register(terminal, { chain, isConfirmed: false })).toBe(1);
    expect(terminal.noted.at(-1)).toContain("--yes");
    expect(requests).toEqual([]);
  });

  it("pays nothing for a hotkey that is registered", async () => {
    const { chain, requests } = chainOf({ uid: 3 });
    const terminal = createMemoryTerminal();
    expect(await register(terminal, { chain })).toBe(0);
    expect(terminal.printed.join()).toContain("with uid 3");
    expect(requests).toEqual([]);
  });

  it("says which file is missing", async () => {
    await expect(register(createMemoryTerminal(), { location: { ...wallet, hotkey: "other" } })).rejects.toMatchObject({
      code: "WALLET_NOT_FOUND",
      message: expect.stringContaining(join(walletsPath, "mine", "hotkeys", "other")),
    });
  });
});
