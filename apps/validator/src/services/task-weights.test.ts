import { describe, expect, it } from "@jest/globals";
import { createVote, encodeVote } from "@vision/chain";
import { createFakeChain, type FakeChain } from "@vision/chain/testing";
import { changeRegistry, createRegistry } from "@vision/protocol";
import type { TaskWeightSource } from "../domain/task-weights.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createDependencyGuard } from "./dependency-guard.js";
import { createTaskWeights } from "./task-weights.js";

const signal = new AbortController().signal;
const defaults = { "chat-tiny": 400_000, "completion-tiny": 200_000, "embedding-tiny": 100_000, "image-tiny": 300_000 };

/** Alice with three quarters of the stake, bob with one; carol may not vote. */
function aChain(): FakeChain {
  return createFakeChain({
    netuid: 1,
    neurons: [
      { hotkey: "alice", hasValidatorPermit: true, stakeRao: 3_000n },
      { hotkey: "bob", hasValidatorPermit: true, stakeRao: 1_000n },
      { hotkey: "carol", stakeRao: 9_000n },
    ],
    blockNumber: 150,
  });
}

async function publish(chain: FakeChain, address: string, bytes: Uint8Array): Promise<void> {
  await chain.setCommitment({ netuid: 1, bytes, signer: { address, publicKey: new Uint8Array(32), sign: () => new Uint8Array(64) } });
}

const voteBytes = (shares: Readonly<Record<string, number>>) => encodeVote(createVote(shares));

function setUp(chain: FakeChain, source: TaskWeightSource = { kind: "votes" }) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const guard = createDependencyGuard({ clock, logger, metrics });
  const weights = createTaskWeights({ source, netuid: 1, registry: createRegistry() }, { chain, guard, clock, logger, metrics });
  const stop = new AbortController();
  const running = weights.run(stop.signal).catch(() => undefined);
  const warnings = () => logger.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { weights, clock, metrics, warnings, end };
}

describe("task weights by vote", () => {
  it("weigh each vote by stake; who has no vote, or a malformed one, counts with the default", async () => {
    const chain = aChain();
    await publish(chain, "carol", voteBytes({ "image-tiny": 1 }));
    const { weights, end, metrics } = setUp(chain);
    expect(await weights.current(signal)).toEqual(defaults);
    await end();

    await publish(chain, "alice", voteBytes({ "chat-tiny": 1, "chat-nowhere": 5 }));
    await publish(chain, "bob", Uint8Array.of(0x56, 1, 9));
    const after = setUp(chain);
    expect(await after.weights.current(signal)).toEqual({
      "chat-tiny": 850_000,
      "completion-tiny": 50_000,
      "embedding-tiny": 25_000,
      "image-tiny": 75_000,
    });
    expect(after.metrics.values.get('taskWeightRatio {"task":"chat-tiny"}')).toBe(0.85);
    expect(metrics.values.get('taskWeightRatio {"task":"chat-tiny"}')).toBe(0.4);
    await after.end();
  });

  it("are counted at every hundredth block only, so that all validators count the same", async () => {
    const chain = aChain();
    const { weights, end } = setUp(chain);
    expect(await weights.current(signal)).toEqual(defaults);
    await publish(chain, "alice", voteBytes({ "chat-tiny": 1 }));
    chain.advance(199 - (await chain.getBlock()).number);
    await settle();
    expect(await weights.current(signal)).toEqual(defaults);
    chain.advance(1);
    await settle();
    expect((await weights.current(signal))["chat-tiny"]).toBe(850_000);
    await end();
  });

  it("stay as they are while the chain is away, with one warning of each kind, and follow again", async () => {
    const chain = aChain();
    await publish(chain, "alice", voteBytes({ "chat-tiny": 1 }));
    const { weights, clock, warnings, end } = setUp(chain);
    const before = await weights.current(signal);
    await publish(chain, "alice", voteBytes({ "image-tiny": 1 }));
    chain.failNext("getCommitments", undefined, 3);
    chain.advance(200 - (await chain.getBlock()).number);
    await settle();
    await clock.advance(30_000);
    expect(await weights.current(signal)).toEqual(before);
    expect(warnings()).toEqual([
      "A dependency does not work; what needs it is paused",
      "Votes could not be read; the last task weights stay",
    ]);
    await clock.advance(12_000);
    expect((await weights.current(signal))["image-tiny"]).toBe(825_000);
    await end();
  });

  it("are the default until the chain answers for the first time", async () => {
    const chain = aChain();
    await publish(chain, "alice", voteBytes({ "chat-tiny": 1 }));
    const { weights, end } = setUp(chain);
    chain.setUnreachable(true);
    expect(await weights.current(signal)).toEqual(defaults);
    chain.setUnreachable(false);
    expect((await weights.current(signal))["chat-tiny"]).toBe(850_000);
    await end();
  });
});

describe("task weights when the tasks change", () => {
  const registry = changeRegistry(createRegistry(), {
    "image-tiny": null,
    "chat-llama-3-1-8b": { isEnabled: true },
    "chat-new": { ...createRegistry().get("chat-tiny") },
  });

  it("count the votes that were read over the new tasks, with the given shares where nobody voted", async () => {
    const chain = aChain();
    await publish(chain, "alice", voteBytes({ "chat-new": 1 }));
    const { weights, end, metrics } = setUp(chain);
    expect(await weights.current(signal)).toMatchObject({ "image-tiny": 300_000 });
    weights.use({ registry, taskWeights: { kind: "votes", defaults: { "chat-new": 1_000_000.4 } } });
    const shares = await weights.current(signal);
    expect(Object.keys(shares)).toEqual(["chat-llama-3-1-8b", "chat-new", "chat-tiny", "completion-tiny", "embedding-tiny"]);
    // Three quarters of the stake vote; the rest is shared out by the defaults, of which chat-new has half.
    expect(shares["chat-new"]).toBe(875_000);
    expect(metrics.values.get('taskWeightRatio {"task":"image-tiny"}')).toBe(0);
    await end();
  });

  it("are those that the configuration gives for the new tasks", async () => {
    const { weights, end } = setUp(aChain(), { kind: "config", shares: { "image-tiny": 2 } });
    weights.use({ registry, taskWeights: { kind: "config", shares: { "chat-new": 3 } } });
    expect(await weights.current(signal)).toEqual({ "chat-new": 3 });
    await end();
  });
});

describe("task weights by configuration", () => {
  it("are those given, whatever was voted", async () => {
    const chain = aChain();
    await publish(chain, "alice", voteBytes({ "chat-tiny": 1 }));
    const { weights, end } = setUp(chain, { kind: "config", shares: { "image-tiny": 2 } });
    expect(await weights.current(signal)).toEqual({ "image-tiny": 2 });
    await end();
  });
});
