import { afterEach, describe, expect, it } from "@jest/globals";
import { createDevnet, type Devnet, type DevnetOptions, parseAccount } from "@vision/devnet";
import { createHotkeyFromUri, ready } from "@vision/signing";
import { openTestSocket } from "../../test/open-test-socket.js";
import { createRecordingLogger } from "../../test/recording-logger.js";
import { readMetagraph } from "../reads/read-metagraph.js";
import type { Reader } from "../reads/reader.js";
import { loadRuntime } from "../runtime/load-runtime.js";
import { connect } from "./connect.js";
import type { ConnectOptions } from "./connect-settings.js";
import type { SubtensorClient } from "./subtensor-client.js";

const NETUID = 2;
const dead = "ws://127.0.0.1:9";
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

async function devnetWith(options: DevnetOptions = {}): Promise<Devnet> {
  const devnet = await createDevnet({ production: "manual", ...options });
  open.push(devnet);
  return devnet;
}

async function clientOf(options: ConnectOptions): Promise<SubtensorClient> {
  const client = await connect({ retryDelayMs: 10, connectTimeoutMs: 2000, requestTimeoutMs: 10_000, ...options });
  open.push(client);
  return client;
}

/** Asks the node over a connection of its own. */
async function withProvider<T>(url: string, use: (send: Reader["request"]) => Promise<T>): Promise<T> {
  const socket = await openTestSocket(url);
  try {
    return await use(socket.send);
  } finally {
    socket.close();
  }
}

/** Resolves when this many extrinsics of the account wait in the pool. */
async function submissionSeen(devnet: Devnet, uri: string, count = 1): Promise<void> {
  const account = parseAccount(uri);
  while (devnet.node.nextNonce(account) < count) await new Promise((resolve) => setImmediate(resolve));
}

describe("connect", () => {
  it("moves on to the next endpoint when the first does not answer", async () => {
    const devnet = await devnetWith();
    const client = await clientOf({ endpoints: [dead, devnet.url] });
    expect((await client.getBlock()).number).toBe(0);
  });

  it("says that no endpoint answers, without the credentials of a URL", async () => {
    const attempt = connect({ endpoints: ["ws://user:secret@127.0.0.1:9"], requestTimeoutMs: 50, retryDelayMs: 10 });
    await expect(attempt).rejects.toMatchObject({
      code: "CHAIN_UNREACHABLE",
      isRetryable: true,
      message: expect.not.stringContaining("secret"),
    });
  });

  it("stops trying when its signal aborts", async () => {
    const abort = new AbortController();
    const attempt = connect({ endpoints: [dead], signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(attempt).rejects.toThrow("enough");
  });

  it.each([[{}], [{ endpoints: ["http://127.0.0.1"] }], [{ endpoints: [] }], [{ endpoints: [dead], inclusionTimeoutMs: -1 }]])(
    "refuses the options %j",
    async (options) => {
      await expect(connect(options)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    },
  );

  it("reads and follows blocks again after the connection was cut", async () => {
    const devnet = await devnetWith();
    const logger = createRecordingLogger();
    const client = await clientOf({ endpoints: [devnet.url], logger });
    const seen: number[] = [];
    let arrived: () => void = () => undefined;
    client.watchBlocks((block) => {
      seen.push(block.number);
      arrived();
    });
    const until = (number: number) =>
      new Promise<void>((resolve) => {
        arrived = () => seen.includes(number) && resolve();
        arrived();
      });
    await client.getBlock();
    devnet.produceBlock();
    await until(1);
    await withProvider(devnet.url, (send) => send("dev_forceDisconnect", []));
    await logger.heard("Lost the connection to the chain");
    devnet.produceBlocks(2);
    expect((await client.getBlock()).number).toBe(3);
    devnet.produceBlock();
    await until(4);
    expect(seen.filter((number) => number > 0)).toEqual([1, 2, 3, 4]);
  });

  it("gives up on an extrinsic that gets into no block, and says that it may still", async () => {
    await ready();
    const devnet = await devnetWith();
    const client = await clientOf({ endpoints: [devnet.url], inclusionTimeoutMs: 50 });
    const sending = client.setCommitment({ netuid: NETUID, bytes: Uint8Array.of(1), signer: createHotkeyFromUri("//Owner//hotkey") });
    await expect(sending).rejects.toMatchObject({
      code: "CHAIN_TIMEOUT",
      isRetryable: true,
      hint: expect.stringContaining("may be in a block"),
    });
  });

  it("notices a chain that was started anew: new genesis, pending calls given up, reads go on", async () => {
    await ready();
    const logger = createRecordingLogger();
    const first = await createDevnet({ production: "manual", genesisTimeMs: 1_700_000_000_000 });
    first.produceBlocks(30);
    const client = await clientOf({ endpoints: [first.url], logger });
    const before = await client.getChainInfo();
    const pending = client.setCommitment({ netuid: NETUID, bytes: Uint8Array.of(1), signer: createHotkeyFromUri("//Owner//hotkey") });
    const outcome = pending.catch((error: unknown) => error);
    await submissionSeen(first, "//Owner//hotkey");
    await first.close();
    await devnetWith({ port: first.port, genesisTimeMs: 1_800_000_000_000 });
    expect(await outcome).toMatchObject({ code: "CHAIN_TIMEOUT", message: expect.stringContaining("started anew") });
    expect((await client.getBlock()).number).toBe(0);
    expect((await client.getChainInfo()).genesisHash).not.toBe(before.genesisHash);
    await logger.heard("Chain runtime changed");
  });

  it("does not mix two chains: an endpoint of another one is left alone", async () => {
    const logger = createRecordingLogger();
    const first = await createDevnet({ production: "manual", genesisTimeMs: 1_700_000_000_000 });
    const other = await devnetWith({ genesisTimeMs: 1_800_000_000_000 });
    const client = await clientOf({ endpoints: [first.url, other.url], logger });
    await first.close();
    const line = await logger.heard("A chain endpoint is not used", { endpoint: other.url });
    expect(line.facts["reason"]).toContain("another chain");
    await logger.heard("No chain endpoint answers");
    expect(client.status().endpoint).toBeNull();
  });

  it("rejects what comes after close", async () => {
    const devnet = await devnetWith();
    const client = await connect({ endpoints: [devnet.url] });
    await client.close();
    await expect(client.getBlock()).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE" });
  });
});

describe("an ss58 address of another network", () => {
  it("is refused by every call, not only by signing: TAO went to nobody's key", async () => {
    await ready();
    const devnet = await devnetWith();
    const client = await clientOf({ endpoints: [devnet.url] });
    const signer = createHotkeyFromUri("//Alice");
    // //Alice on Polkadot, prefix 0.
    const foreign = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5";
    const calls: readonly (readonly [name: string, call: () => Promise<unknown>])[] = [
      ["getBalance", () => client.getBalance(foreign)],
      ["getUid", () => client.getUid(NETUID, foreign)],
      ["getStake", () => client.getStake({ netuid: NETUID, hotkey: foreign, coldkey: signer.address })],
      ["register", () => client.register({ netuid: NETUID, hotkey: foreign, signer, maxBurnRao: 1n })],
      ["addStake", () => client.addStake({ netuid: NETUID, hotkey: foreign, amountRao: 1n, signer })],
      ["registerNetwork", () => client.registerNetwork({ hotkey: foreign, signer })],
      [
        "a weight's hotkey",
        () => client.setWeights({ netuid: NETUID, weights: [{ uid: 0, hotkey: foreign, weightU16: 1 }], versionKey: 0n, signer }),
      ],
      ["a signer", () => client.startSubnet({ netuid: NETUID, signer: { ...signer, address: foreign, publicKey: signer.publicKey } })],
    ];
    for (const [name, call] of calls) {
      const error: unknown = await call().catch((reason: unknown) => reason);
      expect({ name, error }).toMatchObject({
        name,
        error: { code: "CHAIN_INVALID_ARGUMENT", isRetryable: false, message: expect.stringContaining("prefix 42") },
      });
    }
  });
});

describe("what is neither an outage nor a refusal", () => {
  it("is not called one: a signer that throws is not worth a retry", async () => {
    await ready();
    const devnet = await devnetWith();
    const client = await clientOf({ endpoints: [devnet.url] });
    const { address, publicKey } = createHotkeyFromUri("//Owner//hotkey");
    const sign = () => {
      throw new TypeError("The device is locked.");
    };
    const sending = client.setCommitment({ netuid: NETUID, bytes: Uint8Array.of(1), signer: { address, publicKey, sign } });
    await expect(sending).rejects.toMatchObject({
      code: "CHAIN_UNEXPECTED",
      isRetryable: false,
      message: expect.stringContaining("locked"),
    });
  });
});

describe("concurrent calls of one signer", () => {
  it("get nonces of their own and land in one block", async () => {
    await ready();
    const devnet = await devnetWith();
    const client = await clientOf({ endpoints: [devnet.url] });
    const signer = createHotkeyFromUri("//Alice");
    const stakes = [1n, 2n, 3n].map((tao) =>
      client.addStake({ netuid: NETUID, hotkey: createHotkeyFromUri("//Owner//hotkey").address, amountRao: tao * 1_000_000_000n, signer }),
    );
    await submissionSeen(devnet, "//Alice", 3);
    devnet.produceBlock();
    expect((await Promise.all(stakes)).map((stake) => stake.blockNumber)).toEqual([1, 1, 1]);
  });
});

describe("a metagraph from storage", () => {
  it("is the one of the runtime API, where the runtime has none", async () => {
    const devnet = await devnetWith({ subnets: [{ netuid: NETUID, neurons: [{ hotkey: "//Bob", coldkey: "//Alice", stakeRao: 5n }] }] });
    const client = await clientOf({ endpoints: [devnet.url] });
    const fromApi = await client.getMetagraph(NETUID);
    expect(fromApi.neurons.map((neuron) => neuron.hotkey)).toContain(createHotkeyFromUri("//Bob").address);
    const fromStorage = await withProvider(devnet.url, async (request) => {
      const runtime = await loadRuntime(request);
      return readMetagraph({ request, runtime: async () => ({ ...runtime, api: () => null }) }, NETUID);
    });
    expect(fromStorage).toEqual(fromApi);
  });
});
