import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createDevnet, type Devnet, type DevnetOptions } from "@vision/devnet";
import { createHotkeyFromUri, type Hotkey, ready } from "@vision/signing";
import { type ConnectOptions, connect, nameHotkeys, type SubtensorClient } from "../src/index.js";
import { describeEndpoint } from "../src/networks.js";
import { createHostileNode, type HostileNode } from "./hostile-node.js";
import { createRecordingLogger } from "./recording-logger.js";

const NETUID = 2;
/** A time that is never over in a test: what it limits must not be what is tested. */
const NEVER_MS = 600_000;
const open: { close(): Promise<void> }[] = [];
let owner: Hotkey;

beforeAll(async () => {
  await ready();
  owner = createHotkeyFromUri("//Owner//hotkey");
});

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

async function devnetWith(options: DevnetOptions = {}): Promise<Devnet> {
  const devnet = await createDevnet({ production: "manual", genesisTimeMs: Date.now(), ...options });
  open.push(devnet);
  return devnet;
}

async function hostile(devnet: Devnet): Promise<HostileNode> {
  const node = await createHostileNode(devnet.url);
  open.push(node);
  return node;
}

/** A client whose limits are all out of reach, except for the ones given. */
async function clientOf(options: ConnectOptions): Promise<SubtensorClient> {
  const client = await connect({
    retryDelayMs: 10,
    requestTimeoutMs: 60_000,
    answerTimeoutMs: NEVER_MS,
    pingIntervalMs: NEVER_MS,
    maxHeadAgeMs: NEVER_MS,
    inclusionPollMs: NEVER_MS,
    rateLimitPauseMs: NEVER_MS,
    ...options,
  });
  open.push(client);
  return client;
}

/** Resolves with the first block of at least this number that the client tells. */
function blockOf(client: SubtensorClient, number: number): Promise<number> {
  return new Promise((resolve) => {
    const stop = client.watchBlocks((block) => {
      if (block.number < number) return;
      stop();
      resolve(block.number);
    });
  });
}

const commitment = (signer: Hotkey) => ({ netuid: NETUID, bytes: Uint8Array.of(7), signer });

describe("an endpoint that goes silent", () => {
  it("is left for the next one when it does not even answer a ping, and the log says why", async () => {
    const devnet = await devnetWith();
    const node = await hostile(devnet);
    const logger = createRecordingLogger();
    const client = await clientOf({ endpoints: [node.url, devnet.url], pingIntervalMs: 200, logger });
    expect(client.status().endpoint).toBe(describeEndpoint(node.url));
    node.goSilent({ pongs: false });
    const line = await logger.heard("Lost the connection to the chain", { kind: "silent" });
    expect(line).toMatchObject({ level: "warn", facts: { endpoint: describeEndpoint(node.url), reason: expect.stringContaining("ping") } });
    const next = blockOf(client, 1);
    devnet.produceBlock();
    expect(await next).toBe(1);
    expect(client.status().endpoint).toBe(describeEndpoint(devnet.url));
  });

  it("is left when it owes an answer, though it answers pings, and the next one answers the same read", async () => {
    const devnet = await devnetWith();
    const node = await hostile(devnet);
    const logger = createRecordingLogger();
    const client = await clientOf({ endpoints: [node.url, devnet.url], pingIntervalMs: 50, answerTimeoutMs: 1_000, logger });
    node.treat((method) => (method === "state_call" ? "swallow" : "pass"));
    expect((await client.getMetagraph(NETUID)).netuid).toBe(NETUID);
    await logger.heard("Lost the connection to the chain", { kind: "unanswered" });
  });

  it("is left when its notifications stop while requests work, and the blocks that were missed are told", async () => {
    const devnet = await devnetWith();
    const node = await hostile(devnet);
    const logger = createRecordingLogger();
    const client = await clientOf({ endpoints: [node.url, devnet.url], maxHeadAgeMs: 300, logger });
    const first = blockOf(client, 1);
    devnet.produceBlock();
    await first;
    node.stopNotifications();
    const third = blockOf(client, 3);
    devnet.produceBlocks(2);
    expect(await third).toBe(3);
    await logger.heard("Lost the connection to the chain", { kind: "silent" });
  });

  it("is asked again for the head subscription that it refused once", async () => {
    const devnet = await devnetWith();
    const node = await hostile(devnet);
    const logger = createRecordingLogger();
    let refusals = 1;
    node.treat((method) => {
      if (method !== "chain_subscribeNewHead" || refusals === 0) return "pass";
      refusals -= 1;
      return { error: { code: -32_000, message: "Too many subscriptions on the connection" } };
    });
    const client = await clientOf({ endpoints: [node.url], logger });
    await node.untilAsked("chain_subscribeNewHead", 2);
    const next = blockOf(client, 1);
    devnet.produceBlock();
    expect(await next).toBe(1);
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ level: "warn", message: "The node refused a subscription; asked again" }),
    );
  });

  it("is left while a call is being sent, and the next one gets the same call", async () => {
    const devnet = await devnetWith({ production: "instant" });
    const node = await hostile(devnet);
    const client = await clientOf({ endpoints: [node.url, devnet.url], answerTimeoutMs: 1_000 });
    node.treat((method) => (method === "author_submitAndWatchExtrinsic" ? "swallow" : "pass"));
    expect((await client.setCommitment(commitment(owner))).blockNumber).toBe(1);
  });

  it("does not hide a call that is in a block: the blocks are searched though notifications stopped", async () => {
    const devnet = await devnetWith({ production: "instant" });
    const node = await hostile(devnet);
    const client = await clientOf({ endpoints: [node.url], inclusionPollMs: 50 });
    node.stopNotifications();
    expect((await client.setCommitment(commitment(owner))).blockNumber).toBe(1);
    expect((await client.getCommitments(NETUID)).get(owner.address)).toEqual(Uint8Array.of(7));
  });

  it("takes a call for sent that the node had got before the connection was lost", async () => {
    const devnet = await devnetWith({ production: "instant" });
    const node = await hostile(devnet);
    const client = await clientOf({ endpoints: [node.url, devnet.url], answerTimeoutMs: 1_000, inclusionPollMs: 50 });
    // The node hears the call, and its answer gets lost.
    node.treat((method) => {
      if (method === "author_submitAndWatchExtrinsic") node.goSilent({ pongs: true });
      return "pass";
    });
    const sending = client.setCommitment(commitment(owner));
    expect((await sending).blockNumber).toBe(1);
  });
});

describe("an endpoint that reached its rate limit", () => {
  it("is left for another, and the read that was refused is asked there", async () => {
    const devnet = await devnetWith();
    const node = await hostile(devnet);
    const logger = createRecordingLogger();
    const client = await clientOf({ endpoints: [node.url, devnet.url], logger });
    node.treat(() => ({ error: { code: -32_029, message: "Rate limit exceeded" } }));
    expect((await client.getBlock()).number).toBe(0);
    await logger.heard("Lost the connection to the chain", { kind: "rate-limited" });
    expect(client.status().endpoint).toBe(describeEndpoint(devnet.url));
  });
});

describe("the only endpoint there is, when its rate limit is reached", () => {
  it("is asked again after a pause, within the same read", async () => {
    const devnet = await devnetWith();
    const node = await hostile(devnet);
    const client = await clientOf({ endpoints: [node.url], rateLimitPauseMs: 50 });
    let refusals = 1;
    node.treat((method) => {
      if (method !== "state_call" || refusals === 0) return "pass";
      refusals -= 1;
      return { error: { code: -32_029, message: "Rate limit exceeded" } };
    });
    expect((await client.getMetagraph(NETUID)).netuid).toBe(NETUID);
    expect(refusals).toBe(0);
  });
});

describe("a node of the same chain that is far behind", () => {
  /** Two nodes of one chain: the second has the first one's blocks only up to a number. */
  async function twoNodes(headNumber: number, behindNumber: number) {
    const genesisTimeMs = Date.now();
    const ahead = await devnetWith({ genesisTimeMs });
    const behind = await devnetWith({ genesisTimeMs });
    ahead.produceBlocks(headNumber);
    behind.produceBlocks(behindNumber);
    expect(behind.chain.hashAt(1)).toBe(ahead.chain.hashAt(1));
    return { ahead, behind };
  }

  it("is not taken for a chain that was started anew: it is not used, and the log says why", async () => {
    const { ahead, behind } = await twoNodes(40, 5);
    const front = await hostile(ahead);
    const logger = createRecordingLogger();
    const client = await clientOf({ endpoints: [front.url, behind.url], pingIntervalMs: 200, logger });
    await blockOf(client, 40).catch(() => undefined);
    front.goSilent({ pongs: false });
    const line = await logger.heard("A chain endpoint is not used", { endpoint: describeEndpoint(behind.url) });
    expect(line.facts["reason"]).toContain("behind");
    expect(logger.lines.map(({ message }) => message)).not.toContain("The chain was started anew");
    expect(client.status().newestBlock?.number).toBe(40);
  });

  it("is left when it has no new block, for one that has, and is not gone back to", async () => {
    const { ahead, behind } = await twoNodes(40, 39);
    const logger = createRecordingLogger();
    const client = await clientOf({ endpoints: [behind.url, ahead.url], maxHeadAgeMs: 200, logger });
    await logger.heard("Lost the connection to the chain", { kind: "stuck" });
    const next = blockOf(client, 41);
    ahead.produceBlock();
    expect(await next).toBe(41);
    expect(client.status().endpoint).toBe(describeEndpoint(ahead.url));
  });

  it("is used last when its head is old by the clock", async () => {
    const genesisTimeMs = Date.now() - 3_600_000;
    const old = await devnetWith({ genesisTimeMs, blockTimeMs: 60_000 });
    const ahead = await devnetWith({ genesisTimeMs, blockTimeMs: 60_000 });
    old.produceBlocks(5);
    ahead.produceBlocks(59);
    const client = await clientOf({ endpoints: [old.url, ahead.url] });
    expect(client.status().endpoint).toBe(describeEndpoint(ahead.url));
  });
});

describe("a chain that was started anew from the same genesis", () => {
  it("is known by its first block, and followed from its low head on", async () => {
    const genesisTimeMs = Date.now();
    const first = await createDevnet({ production: "manual", genesisTimeMs });
    first.produceBlocks(30);
    const logger = createRecordingLogger();
    const client = await clientOf({ endpoints: [first.url], logger });
    await blockOf(client, 30);
    await first.close();
    const second = await devnetWith({ production: "manual", genesisTimeMs, blockTimeMs: 2000, port: first.port });
    second.produceBlock();
    await logger.heard("The chain was started anew");
    const next = blockOf(client, 2);
    second.produceBlock();
    expect(await next).toBe(2);
  });
});

describe("a pool that holds another call of this signer under the same number", () => {
  it("gets the call again after the next block: 1014 was an error without a name and without a retry", async () => {
    const devnet = await devnetWith({ production: "instant" });
    const node = await hostile(devnet);
    const client = await clientOf({ endpoints: [node.url] });
    let refusals = 1;
    node.treat((method) => {
      if (method !== "author_submitAndWatchExtrinsic" || refusals === 0) return "pass";
      refusals -= 1;
      return { error: { code: 1014, message: "Priority is too low: (5 vs 5)" } };
    });
    const sending = client.setCommitment(commitment(owner));
    await node.untilAsked("author_submitAndWatchExtrinsic");
    devnet.produceBlock();
    expect((await sending).blockNumber).toBe(2);
  });
});

describe("weights whose uid changes hands while they are being set", () => {
  it("are left out, and without a fresh metagraph nothing is sent", async () => {
    const subnet = {
      netuid: NETUID,
      ownerHotkey: null,
      hyperparameters: { isCommitRevealEnabled: false, weightsRateLimitBlocks: 0n },
      neurons: [
        { hotkey: "//Validator", coldkey: "//Alice", stakeRao: 1_000_000_000_000n, hasPermit: true },
        { hotkey: "//Miner", coldkey: "//Alice" },
        { hotkey: "//Other", coldkey: "//Alice" },
      ],
    };
    const devnet = await devnetWith({ production: "instant", subnets: [subnet] });
    const node = await hostile(devnet);
    const client = await clientOf({ endpoints: [node.url] });
    const signer = createHotkeyFromUri("//Validator");
    const weights = nameHotkeys(
      [1, 2].map((uid) => ({ uid, weightU16: 65_535 })),
      await client.getMetagraph(NETUID),
    );
    // As seen by whoever decides, uid 1 is still the miner's; a registration puts another one there meanwhile.
    const stale = weights.map((weight) => (weight.uid === 1 ? { ...weight, hotkey: createHotkeyFromUri("//Gone").address } : weight));
    const result = await client.setWeights({ netuid: NETUID, weights: stale, versionKey: 0n, signer });
    expect(result.weights.map(({ uid }) => uid)).toEqual([2]);
    expect((await client.getWeights(NETUID, 0)).map(({ uid }) => uid)).toEqual([2]);

    node.treat((method) => (method === "state_call" ? { error: { code: -32_000, message: "no state" } } : "pass"));
    const refused = client.setWeights({ netuid: NETUID, weights, versionKey: 0n, signer });
    await expect(refused).rejects.toMatchObject({ code: "CHAIN_REJECTED" });
    expect((await client.getWeights(NETUID, 0)).map(({ uid }) => uid)).toEqual([2]);
  });
});
