import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type ChainClient, connect, createVote, encodeVote } from "@vision/chain";
import { createDevnet, type Devnet } from "@vision/devnet";
import { createRegistry } from "@vision/protocol";
import { createHotkeyFromUri } from "@vision/signing";
import type { VotesReport } from "../src/domain/describe-votes.js";
import { createDependencyGuard } from "../src/services/dependency-guard.js";
import { createTaskWeights } from "../src/services/task-weights.js";
import { createManualClock } from "../src/testing/manual-clock.js";
import { recordingLogger } from "../src/testing/recording-logger.js";
import { createRecordingMetrics } from "../src/testing/recording-metrics.js";
import { runVision } from "./run-vision.js";

const TAO = 1_000_000_000n;
const addressOf = (uri: string) => createHotkeyFromUri(uri).address;

/** A real client and the program's own commands against a development node. */
describe("votes on a chain", () => {
  let devnet: Devnet;
  let chain: ChainClient;

  beforeAll(async () => {
    devnet = await createDevnet({
      production: "instant",
      subnets: [
        {
          netuid: 2,
          hyperparameters: { tempoBlocks: 360 },
          neurons: [
            { hotkey: "//Alice//hotkey", coldkey: "//Alice", stakeRao: 3_000n * TAO, hasPermit: true },
            { hotkey: "//Bob//hotkey", coldkey: "//Bob", stakeRao: 1_000n * TAO, hasPermit: true },
            { hotkey: "//Charlie//hotkey", coldkey: "//Charlie" },
          ],
        },
      ],
    });
    chain = await connect({ endpoints: [devnet.url] });
  });
  afterAll(async () => {
    await chain.close();
    await devnet.close();
  });

  const vision = (uri: string, ...argv: readonly string[]) =>
    runVision(argv, {
      environment: {
        VISION_VALIDATOR_NETWORK: devnet.url,
        VISION_VALIDATOR_NETUID: "2",
        VISION_VALIDATOR_HOTKEY_URI: uri,
        VISION_VALIDATOR_HOTKEY_ARE_DEV_KEYS_ALLOWED: "true",
      },
    });
  const show = async () => JSON.parse((await vision("//Alice//hotkey", "vote", "show", "--json")).out) as VotesReport;

  it("are the default before anybody voted", async () => {
    const report = await show();
    expect(report.outcomePpm).toEqual(report.defaultPpm);
    expect(report.voters.map(({ hotkey, kind }) => ({ hotkey, kind }))).toEqual([
      { hotkey: addressOf("//Alice//hotkey"), kind: "default" },
      { hotkey: addressOf("//Bob//hotkey"), kind: "default" },
    ]);
  });

  it("are published by the hotkey, shown to everybody, and counted by stake", async () => {
    const voted = await vision("//Alice//hotkey", "vote", "set", "chat-tiny=0.6", "completion-tiny=0.4");
    expect(voted).toMatchObject({ exitCode: 0, error: expect.stringContaining("It counts from block 100 on") });
    expect(voted.out).toMatch(/in block \d+ .*\n {2}chat-tiny {2}60\.00 %\n {2}completion-tiny {2}40\.00 %\n/);
    const again = await vision("//Alice//hotkey", "vote", "set", "completion-tiny=2", "chat-tiny=3");
    expect(again).toMatchObject({ exitCode: 4, out: expect.stringContaining("your vote already") });

    await chain.setCommitment({ netuid: 2, bytes: Uint8Array.of(0x56, 0x07), signer: createHotkeyFromUri("//Bob//hotkey") });
    const report = await show();
    expect(report.voters.map(({ kind, problem }) => ({ kind, problem }))).toEqual([
      { kind: "vote", problem: null },
      { kind: "malformed", problem: "its version is 7, not 1" },
    ]);
    // Three quarters of (0.6, 0.4, 0) and one quarter of the default (0.4, 0.2, 0.3, and 0.1 for embeddings).
    const outcome = { "chat-tiny": 550_000, "completion-tiny": 350_000, "embedding-tiny": 25_000, "image-tiny": 75_000 };
    expect(report.outcomePpm).toEqual(outcome);
    const table = (await vision("//Alice//hotkey", "vote", "show")).out;
    expect(table).toMatch(new RegExp(`${addressOf("//Alice//hotkey")} +3000[\\d.]* +vote +60\\.00 % +40\\.00 % +0\\.00 % +0\\.00 %`));
    expect(table).toContain(`${addressOf("//Bob//hotkey")}: its commitment is no vote: its version is 7, not 1.`);
    expect(table).toMatch(/outcome +55\.00 % +35\.00 % +2\.50 % +7\.50 %/);

    const [clock, logger, metrics] = [createManualClock(), recordingLogger(), createRecordingMetrics()];
    const guard = createDependencyGuard({ clock, logger, metrics });
    const options = { source: { kind: "votes" }, netuid: 2, registry: createRegistry() } as const;
    const weights = createTaskWeights(options, { chain, guard, clock, logger, metrics });
    expect(await weights.current(new AbortController().signal)).toEqual(outcome);
  });

  it("are refused with every mistake named, before anything is sent", async () => {
    const blocksBefore = devnet.chain.head.header.number;
    const wrong = await vision("//Alice//hotkey", "vote", "set", "chat-huge=1", "chat-tiny", "image-tiny=1", "image-tiny=2");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.error).toContain("chat-huge: there is no such task; there are chat-tiny,");
    expect(wrong.error).toContain("chat-tiny: must be TASK=SHARE");
    expect(wrong.error).toContain("image-tiny: is named twice");
    expect(await vision("//Alice//hotkey", "vote", "set", "chat-tiny=0")).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining("CHAIN_INVALID_VOTE"),
    });
    expect(await vision("//Ferdie", "vote", "set", "chat-tiny=1")).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining("not registered on subnet 2"),
    });
    expect(devnet.chain.head.header.number).toBe(blocksBefore);
  });

  it("of a hotkey without a permit are taken by the chain and do not count yet", async () => {
    const voted = await vision("//Charlie//hotkey", "vote", "set", "image-tiny=1");
    expect(voted).toMatchObject({ exitCode: 0, error: expect.stringContaining("once the hotkey has stake and a validator permit") });
    expect((await show()).voters.map(({ hotkey }) => hotkey)).not.toContain(addressOf("//Charlie//hotkey"));
  });

  it("too many in one epoch are refused by the chain, and the operator is told when to try again", async () => {
    const signer = createHotkeyFromUri("//Bob//hotkey");
    const bytes = encodeVote(createVote({ "chat-tiny": 1 }));
    for (let count = 0; count < 30; count += 1) await chain.setCommitment({ netuid: 2, bytes, signer });
    expect(await vision("//Bob//hotkey", "vote", "set", "image-tiny=1")).toMatchObject({
      exitCode: 1,
      error: expect.stringMatching(/SpaceLimitExceeded|about 31 times an epoch/),
    });
  });
});
