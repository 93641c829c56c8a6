import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createEmbeddedReference, createInProcessEngine, createReferenceModel } from "@vision/checking";
import { type FakeVllm, startFakeVllm } from "@vision/checking/testing";
import { type Answer, createRegistry, getFamily } from "@vision/protocol";
import { createBackendCall, type InferenceBackend, tiny } from "@vision/sdk/backends";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createReferences } from "./references.js";

const OTHER_MODEL = "tiny-lm-small-q8_0";
const task = (() => {
  const found = createRegistry().get("chat-tiny");
  if (found === undefined) throw new Error("no chat-tiny");
  return found;
})();
const family = getFamily(task.family);
type Exchange = { readonly request: unknown; readonly answer: Answer };

/** What a miner with these weights answers. */
async function exchangeWith(backend: InferenceBackend, content: string): Promise<Exchange> {
  const draft = { model: task.model, messages: [{ role: "user", content }], max_tokens: 32, temperature: 0.8, seed: 7, logprobs: true };
  const request = family.normalise(family.requestSchema.parse(draft), { task, fallbackSeed: 0 });
  const collector = family.createCollector(request);
  const call = createBackendCall({
    ...{ task, isStream: false, signal: new AbortController().signal },
    request: { ...request, model: task.model, stream: false },
  });
  for await (const part of backend.run(call)) if (part.kind === "body") collector.addBody(JSON.parse(part.body));
  const finished = collector.finish();
  if (!finished.ok) throw new Error(finished.reason);
  return { request, answer: finished.answer };
}

const topics = ["a cat and a dog", "the sea", "a train", "a garden", "the moon", "a red boat", "my old house", "a small bird"];
let honest: readonly Exchange[] = [];
let cheats: readonly Exchange[] = [];
let servers: readonly FakeVllm[] = [];
beforeAll(async () => {
  servers = await Promise.all([0, 1, 2].map(() => startFakeVllm({ model: "tiny", contextTokens: 513, maxLogprobs: 20 })));
  const [own, other] = [tiny(), tiny({ model: OTHER_MODEL })];
  honest = await Promise.all(topics.map((topic) => exchangeWith(own, `Tell me a story about ${topic}.`)));
  cheats = await Promise.all(topics.map((topic) => exchangeWith(other, `Tell me a story about ${topic}.`)));
}, 60_000);
afterAll(() => Promise.all(servers.map((server) => server.close())));

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  for (const server of servers) {
    await server.pretend(null);
    server.respond("/v1/completions", null);
  }
});

/** So many references, each at a server of its own over HTTP. */
function setUp(count: number) {
  const clock = createManualClock();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const settings = servers.slice(0, count).map(({ url }) => {
    return { kind: "vllm" as const, url, model: "tiny", tasks: [task.id], bestCount: 20, timeoutMs: 30_000 };
  });
  const embedded = createEmbeddedReference(createInProcessEngine());
  const references = createReferences(settings, { embedded, createModel: createReferenceModel, clock, logger, metrics });
  const stop = new AbortController();
  let watching = Promise.resolve();
  closers.push(async () => {
    stop.abort();
    await watching;
    await references.close();
  });
  const check = ({ request, answer }: Exchange) =>
    references.check({ task, request, answer, sampler: "gumbel-murmur3", signal: stop.signal });
  const qualityOf = async (exchange: Exchange | undefined) => {
    if (exchange === undefined) throw new Error("no exchange");
    const verdict = await check(exchange);
    return verdict.kind === "judged" ? verdict.qualityFraction : verdict.kind;
  };
  const up = () => settings.map((_, index) => metrics.values.get(`referenceUp {"reference":"references.${index} vllm"}`));
  const disagreements = () =>
    settings.map((_, index) => metrics.values.get(`referenceDisagreementsTotal {"reference":"references.${index} vllm"}`) ?? 0);
  /** Moves on to the watch's next looks until it is so. */
  const lookUntil = async (isSo: () => boolean) => {
    while (!isSo()) {
      await clock.advance(30_000);
      await delay(20);
    }
  };
  return {
    ...{ qualityOf, up, disagreements, lookUntil, clock, logger, metrics },
    /** Goes by the settings of these alone from now on. */
    keep: (...indices: readonly number[]) => references.use(settings.filter((_, index) => indices.includes(index))),
    watch() {
      watching = references.watch.run(stop.signal).catch(() => undefined);
    },
  };
}

describe("one reference for a task", () => {
  it("with another model judged honest answers worthless: alone it makes none worthless before it found one right", async () => {
    await servers[0]?.pretend(OTHER_MODEL);
    const { qualityOf } = setUp(1);
    expect([await qualityOf(honest[0]), await qualityOf(honest[1])]).toEqual(["inconclusive", "inconclusive"]);
    await servers[0]?.pretend(null);
    expect(await qualityOf(cheats[0])).toBe("inconclusive");
    expect(await qualityOf(honest[0])).toBe(1);
    expect(await qualityOf(cheats[0])).toBeLessThan(0.5);
  });

  it("whose server comes back with another model is taken out by what it found right before, and comes back by itself with the right one", async () => {
    const { qualityOf, up, clock, logger, watch, lookUntil } = setUp(1);
    expect(await qualityOf(honest[0])).toBe(1);
    await clock.advance(400_000);
    expect(await qualityOf(cheats[1])).toBeLessThan(0.5);
    await clock.advance(400_000);
    await servers[0]?.pretend(OTHER_MODEL);
    await expect(qualityOf(honest[2])).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    expect(up()).toEqual([0]);
    await expect(qualityOf(honest[0])).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    expect(logger.lines).toMatchObject([
      { level: "error", message: expect.stringContaining("judges wrong"), facts: { label: "references.0 vllm" } },
    ]);
    await servers[0]?.pretend(null);
    watch();
    await lookUntil(() => up()[0] === 1);
    expect(await qualityOf(honest[2])).toBe(1);
  });

  it("whose server comes back with the cheats' model paid them until somebody looked: it is asked about what is known", async () => {
    const { qualityOf, up, watch, lookUntil } = setUp(1);
    expect(await qualityOf(honest[0])).toBe(1);
    await servers[0]?.pretend(OTHER_MODEL);
    expect(await qualityOf(cheats[1])).toBe(1);
    watch();
    await lookUntil(() => up()[0] === 0);
    await expect(qualityOf(cheats[1])).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
  });

  it("that works is asked at the start and now and then, and stays", async () => {
    const { qualityOf, up, watch, clock, lookUntil, metrics } = setUp(1);
    const before = servers[0]?.requests.length ?? 0;
    watch();
    await lookUntil(() => (servers[0]?.requests.length ?? 0) > before);
    for (const index of [0, 1, 2, 3]) expect(await qualityOf(honest[index])).toBe(1);
    const judged = () => metrics.values.get('referenceRequestsTotal {"reference":"references.0 vllm","outcome":"judged"}') ?? 0;
    expect(judged()).toBe(4);
    await lookUntil(() => judged() > 4);
    await clock.advance(1_000);
    expect(up()).toEqual([1]);
  });
});

describe("two references for a task", () => {
  it("have to agree before an answer is worthless", async () => {
    const { qualityOf, disagreements } = setUp(2);
    expect(await qualityOf(cheats[0])).toBeLessThan(0.5);
    expect(disagreements()).toEqual([0, 0]);
  });

  it("one that lies is told by what is known from earlier, whichever was asked first", async () => {
    const { qualityOf, up, disagreements } = setUp(2);
    expect(await qualityOf(honest[0])).toBe(1);
    await servers[0]?.pretend(OTHER_MODEL);
    expect(await qualityOf(honest[1])).toBe(1);
    expect(up()).toEqual([0, 1]);
    expect(disagreements()).toEqual([1, 1]);
    expect(await qualityOf(honest[2])).toBe(1);
    expect(await qualityOf(cheats[2])).toBeLessThan(0.5);
  });

  it("are both held back where nothing tells which is right, and come back when they agree again", async () => {
    await servers[0]?.pretend(OTHER_MODEL);
    const { qualityOf, up, watch, lookUntil } = setUp(2);
    for (const index of [0, 1, 2, 3]) expect(await qualityOf(honest[index])).toBe("inconclusive");
    expect(up()).toEqual([0, 0]);
    await expect(qualityOf(honest[4])).rejects.toMatchObject({ code: "REFERENCE_UNAVAILABLE" });
    await servers[0]?.pretend(null);
    watch();
    await lookUntil(() => up().every((each) => each === 1));
    expect(await qualityOf(honest[4])).toBe(1);
  });

  it("one of two that were held back never came back when the other one was removed", async () => {
    await servers[0]?.pretend(OTHER_MODEL);
    const { qualityOf, up, keep, watch, lookUntil } = setUp(2);
    for (const index of [0, 1, 2, 3]) expect(await qualityOf(honest[index])).toBe("inconclusive");
    expect(up()).toEqual([0, 0]);
    keep(1);
    watch();
    await lookUntil(() => up()[0] === 1);
    expect(await qualityOf(honest[4])).toBe(1);
  });

  it("one that hangs is passed over after a minute", async () => {
    const { qualityOf, up, clock, disagreements } = setUp(2);
    const asked = new Promise<void>((resolve) => servers[0]?.respond("/v1/completions", () => resolve()));
    const quality = qualityOf(honest[0]);
    await asked;
    await clock.advance(60_000);
    expect(await quality).toBe(1);
    expect(up()).toEqual([0, 1]);
    expect(disagreements()).toEqual([0, 0]);
  });
});

describe("three references for a task", () => {
  it("the majority finds the one that lies, which comes back when it judges right what it judged wrong", async () => {
    await servers[0]?.pretend(OTHER_MODEL);
    const { qualityOf, up, watch, lookUntil, logger, clock } = setUp(3);
    expect(await qualityOf(honest[0])).toBe(1);
    expect(up()).toEqual([0, 1, 1]);
    expect(await qualityOf(cheats[1])).toBeLessThan(0.5);
    await servers[0]?.pretend(null);
    watch();
    await lookUntil(() => up()[0] === 1);
    await clock.advance(60_000);
    for (const index of [2, 3]) expect(await qualityOf(honest[index])).toBe(1);
    expect(logger.lines.map(({ level }) => level)).toEqual(["error", "info"]);
  });

  it("one that praises what the two others find wrong is outvoted, too", async () => {
    const { qualityOf, up } = setUp(3);
    await servers[1]?.pretend(OTHER_MODEL);
    expect(await qualityOf(cheats[0])).toBeLessThan(0.5);
    expect(up()).toEqual([1, 0, 1]);
  });
});
