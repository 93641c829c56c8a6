import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createDevnet, type Devnet } from "@vision/devnet";
import { createMemoryTerminal } from "@vision/program/testing";
import { type Logger, silentLogger } from "@vision/sdk";
import { connect, createColdkeyFile, createHotkeyFile, type Keypair, type SubtensorClient } from "@vision/sdk/chain";
import { z } from "zod";
import { registerCommand } from "../src/commands/register-command.js";
import { statusCommand } from "../src/commands/status-command.js";
import { minerConfigSchema, minerProgram } from "../src/config/miner-config.js";
import { startMiner } from "../src/start-miner.js";

const netuid = 2;
const maxBurnRao = 1_000_000_000n;

let devnet: Devnet;
let chain: SubtensorClient;
let walletsPath = "";
let coldkey: Keypair;
let hotkey: Keypair;

beforeAll(async () => {
  walletsPath = await mkdtemp(join(tmpdir(), "vision-miner-chain-"));
  coldkey = await createColdkeyFile({ walletsPath, wallet: "mine" }, { password: null });
  hotkey = await createHotkeyFile({ walletsPath, wallet: "mine", hotkey: "gpu" });
  devnet = await createDevnet({ production: "instant", balancesRao: { [coldkey.address]: 5_000_000_000n } });
  chain = await connect({ endpoints: [devnet.url] });
});

afterAll(async () => {
  await chain?.close();
  await devnet?.close();
  await rm(walletsPath, { recursive: true, force: true });
});

type Announced = { readonly host: string; readonly port?: number };

function context({ announce, port = 0 }: { announce?: Announced; port?: number } = {}) {
  const { network, chain, wallet, hotkey, listen } = minerProgram.shape;
  const config = z.object({ network, netuid: z.int(), chain, wallet, hotkey, listen }).parse({
    listen: { port },
    network: devnet.url,
    netuid,
    wallet: { name: "mine", hotkey: "gpu", path: walletsPath },
    chain: announce === undefined ? {} : { announce },
  });
  return { config, environment: {}, terminal: createMemoryTerminal() };
}

describe("a miner on a chain", () => {
  it("is told that it is not registered, and what that costs", async () => {
    const now = context();
    expect(await statusCommand({ isJson: false }, now)).toBe(1);
    expect(now.terminal.printed.join("\n")).toMatch(/price {7}0\.1 TAO now\n {2}! The hotkey is not registered/);
  });

  it("registers, publishes where it is, and is found there", async () => {
    const registering = context();
    expect(await registerCommand({ maxBurnRao, isConfirmed: true }, registering)).toBe(0);
    const uid = await chain.getUid(netuid, hotkey.address);
    expect(registering.terminal.printed).toEqual([
      expect.stringMatching(new RegExp(`^Registered: uid ${uid} of subnet ${netuid}, in block`)),
    ]);
    expect(registering.terminal.printed.join()).toMatch(/The coldkey paid 0\.1\d* TAO, fee included/);

    let published: () => void = () => {};
    const isPublished = new Promise<void>((resolve) => {
      published = resolve;
    });
    const logger: Logger = { ...silentLogger, info: (message) => (message === "Endpoint published" ? published() : undefined) };
    const announce = { host: "127.0.0.2" };
    const server = await startMiner(miner({ announce }), { baseDirectory: "/", environment: {}, logger });
    const { port } = server;
    try {
      await isPublished;
      const after = context({ announce, port });
      expect(await statusCommand({ isJson: true }, after)).toBe(0);
      expect(JSON.parse(after.terminal.printed.join())).toMatchObject({
        isRegistered: true,
        uid,
        hotkey: hotkey.address,
        publishedEndpoint: { ...announce, port },
        configuredEndpoint: { ...announce, port },
        probe: { kind: "answers", hotkey: hotkey.address, tasks: ["chat-tiny"] },
        problems: [],
      });
      // A port of its own in front of the miner's is published as it is given; one that the miner is yet to get is not known.
      const forwarded = context({ announce: { ...announce, port: 1 }, port });
      expect(await statusCommand({ isJson: true }, forwarded)).toBe(1);
      expect(JSON.parse(forwarded.terminal.printed.join())).toMatchObject({ configuredEndpoint: { ...announce, port: 1 } });
      const unknown = context({ announce });
      expect(await statusCommand({ isJson: true }, unknown)).toBe(0);
      expect(JSON.parse(unknown.terminal.printed.join())).toMatchObject({ configuredEndpoint: null });
    } finally {
      await server.close();
    }
    const stopped = context({ announce, port });
    expect(await statusCommand({ isJson: false }, stopped)).toBe(1);
    expect(stopped.terminal.printed.join()).toContain("! The published endpoint does not answer from here");
  });

  it("registers no second time", async () => {
    const before = await chain.getBalance(coldkey.address);
    const again = context();
    expect(await registerCommand({ maxBurnRao, isConfirmed: true }, again)).toBe(0);
    expect(again.terminal.printed.join()).toContain("already");
    expect(await chain.getBalance(coldkey.address)).toBe(before);
  });
});

function miner({ announce }: { announce: Announced }) {
  return minerConfigSchema.parse({
    wallet: { name: "mine", hotkey: "gpu", path: walletsPath },
    listen: { host: "127.0.0.1", port: 0 },
    tasks: { "chat-tiny": { capacityPerHour: 1000 } },
    backends: { local: { kind: "tiny" } },
    network: devnet.url,
    netuid,
    chain: { announce },
  });
}
