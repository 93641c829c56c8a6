import { describe, expect, it } from "@jest/globals";
import { groupConversations, type SharedConversation } from "@vision/checking";
import { createRegistry } from "@vision/protocol";
import { defaultProbingParams } from "@vision/scoring/probing";
import { noGaps } from "../domain/gap-histogram.js";
import { createPeriodProgress } from "../domain/period-progress.js";
import type { PlannedProbe } from "../domain/records/index.js";
import type { Exchange, ExchangeResult } from "../exchange/exchange.js";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { aProbe, aResult } from "../testing/store-samples.js";
import { createProber, type KeptOutOfPlan } from "./prober.js";

type Answer = {
  readonly durationMs: number;
  readonly units: number;
  readonly error?: Error;
  readonly outcome?: "failed" | "rateLimited";
  readonly blame?: "validator";
  readonly wasDelayed?: boolean;
};

const aFinished: ExchangeResult = {
  ...{ requestId: "r", requestName: null, outcome: "ok", blame: "nobody", reason: null, answer: null, retryAfterMs: null, silentMs: null },
  ...{ completedUnits: 0, reportedPromptTokens: null, firstTokenMs: null, durationMs: 0, wasDelayed: false },
  refusal: null,
};

const messagesOf = (text: string) => (JSON.parse(text) as { readonly messages: readonly { readonly content: string }[] }).messages;

const anAnswer = (hotkey: string, messages: number) =>
  ({ kind: "text", text: `answer of ${hotkey} to ${messages}`, tokens: [], finishReason: "stop" }) as const;

const plansOf = (...hotkeys: readonly string[]) =>
  hotkeys.map((hotkey) => aProbe({ hotkey, declaredCapacityPerHour: 192_000, plannedUnits: 320, plannedRequests: 10 }));

function setUp(
  everyAnswer: Answer,
  changes: Partial<typeof defaultProbingParams> = {},
  probes: readonly PlannedProbe[] = plansOf("alice"),
  answerOf: (hotkey: string) => Answer | null = () => null,
  conversationsOf: (taskId: string) => readonly SharedConversation[] = () => [],
) {
  const clock = createManualClock();
  const startsAtMs = clock.nowMs();
  const logger = recordingLogger();
  const metrics = createRecordingMetrics();
  const params = { ...defaultProbingParams, periodMs: 60_000, ...changes };
  const progress = createPeriodProgress(
    { period: 1, startsAtMs, endsAtMs: startsAtMs + params.periodMs, seed: "seed", commonSeed: "common" },
    probes,
  );
  const sentAtMs: number[] = [];
  const sent: { readonly hotkey: string; readonly text: string }[] = [];
  const keptOut: KeptOutOfPlan[] = [];
  const network = { isUp: true, isStarved: false };
  let inFlight = 0;
  let mostInFlight = 0;
  const exchange: Exchange = {
    async run({ target, task, request, isAnswerWanted }) {
      sent.push({ hotkey: target.hotkey, text: JSON.stringify(request) });
      const answer = answerOf(target.hotkey) ?? everyAnswer;
      sentAtMs.push(clock.nowMs() - startsAtMs);
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      await clock.sleep(answer.durationMs, new AbortController().signal);
      inFlight -= 1;
      if (answer.error) throw answer.error;
      const units = { attemptedUnits: answer.units, completedUnits: answer.units };
      const how = answer.outcome === undefined ? {} : ({ outcome: answer.outcome, blame: answer.blame ?? "miner" } as const);
      progress.noteResult(aResult(`${sentAtMs.length}`, { hotkey: target.hotkey, taskId: task.id, ...units, ...how }));
      const { durationMs, wasDelayed = false } = answer;
      const said =
        isAnswerWanted === true && answer.outcome === undefined
          ? { answer: anAnswer(target.hotkey, messagesOf(JSON.stringify(request)).length) }
          : {};
      return { ...aFinished, ...how, ...said, durationMs, wasDelayed, completedUnits: answer.outcome === undefined ? answer.units : 0 };
    },
  };
  const registry = createRegistry();
  const prober = createProber(params, {
    exchange,
    routing: { task: (id) => registry.get(id) ?? null, target: (hotkey) => ({ hotkey, host: "127.0.0.1", port: 1 }) },
    ledger: { free: () => 3_200 },
    shared: { conversationsOf },
    written: { conversationsOf: () => [] },
    gapsOf: () => noGaps,
    isNetworkUp: () => network.isUp,
    wasStarvedLately: () => network.isStarved,
    clock,
    logger,
    metrics,
    onKeptOut: (kept) => keptOut.push(kept),
  });
  return { sent, keptOut, metrics, prober, progress, clock, sentAtMs, logger, network, most: () => mostInFlight };
}

const signal = new AbortController().signal;

describe("createProber", () => {
  it("sends the plan within the window and then is done", async () => {
    const { prober, progress, clock, sentAtMs } = setUp({ durationMs: 100, units: 32 });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(60_000);
    await running;
    expect(sentAtMs).toHaveLength(10);
    expect(sentAtMs.at(-1)).toBeLessThan(60_000 * 0.96);
    expect(clock.sleepers()).toBe(0);
  });

  it("sends less where users already asked: organic volume counts towards the plan", async () => {
    const { prober, progress, clock, sentAtMs } = setUp({ durationMs: 100, units: 32 });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(10_000);
    const before = sentAtMs.length;
    progress.noteResult(aResult("organic", { isOrganic: true, attemptedUnits: 320 - before * 32 - 32, completedUnits: 10 }));
    await clock.advance(50_000);
    await running;
    expect(sentAtMs.length).toBeLessThanOrEqual(before + 2);
  });

  it("sends in bursts, as users do, but evenly where it tries a large share of what is declared", async () => {
    const gapsOfPlan = async (triedFraction: number) => {
      const plan = { declaredCapacityPerHour: 1e9, triedFraction, plannedUnits: 32 * 200, plannedRequests: 200 };
      const { prober, progress, clock, sentAtMs } = setUp({ durationMs: 1, units: 32 }, {}, [aProbe(plan)]);
      const running = prober.runPeriod(progress, "nonce", signal);
      await clock.advance(60_000);
      await running;
      expect(sentAtMs).toHaveLength(200);
      return sentAtMs.slice(1).map((atMs, index) => atMs - (sentAtMs[index] ?? atMs));
    };
    const mean = (60_000 * 0.96) / 201;
    const quick = (gaps: readonly number[]) => gaps.filter((gap) => gap < mean / 10).length;
    expect(quick(await gapsOfPlan(0.9))).toBe(0);
    expect(quick(await gapsOfPlan(0.02))).toBeGreaterThan(30);
  });

  it("waits while users are ahead of an even plan, and goes on where it would be by then", async () => {
    const { prober, progress, clock, sentAtMs } = setUp({ durationMs: 100, units: 32 });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(12_000);
    const before = sentAtMs.length;
    progress.noteResult(aResult("organic", { isOrganic: true, attemptedUnits: 160, completedUnits: 10 }));
    // One of the plan was due already when the users came.
    await clock.advance((before + 3) * 5_760 - 12_000);
    expect(sentAtMs.length).toBeLessThanOrEqual(before + 1);
    await clock.advance(60_000);
    await running;
    expect(sentAtMs).toHaveLength(5);
  });

  it("makes up for short answers, but not without end", async () => {
    const { prober, progress, clock, sentAtMs } = setUp({ durationMs: 10, units: 1 });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(60_000);
    await running;
    expect(sentAtMs).toHaveLength(20);
  });

  it("keeps to its bounds of requests under way when miners are slow", async () => {
    const slow = { durationMs: 30_000, units: 32 };
    const perProbe = setUp(slow, { maxConcurrentPerProbe: 2 });
    const first = perProbe.prober.runPeriod(perProbe.progress, "n", signal);
    await perProbe.clock.advance(90_000);
    await first;
    expect(perProbe.most()).toBe(2);
    const overall = setUp(slow, { maxConcurrentRequests: 3 }, plansOf("a", "b", "c", "d", "e"));
    const second = overall.prober.runPeriod(overall.progress, "n", signal);
    await overall.clock.advance(90_000);
    await second;
    expect(overall.most()).toBe(3);
  });

  it("survives a failure inside the exchange, and waits for what is under way", async () => {
    const { prober, progress, clock, sentAtMs, logger } = setUp({ durationMs: 5_000, units: 0, error: new Error("bug") });
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(58_000);
    await running;
    let isSettled = false;
    const settled = prober.settled().then(() => {
      isSettled = true;
    });
    await clock.advance(5_000);
    await settled;
    expect(isSettled).toBe(true);
    expect(sentAtMs.length).toBeGreaterThan(8);
    expect(logger.lines.filter(({ level }) => level === "error").length).toBe(sentAtMs.length);
  });

  it("sends nothing while the network is down, and catches up evenly afterwards", async () => {
    const { prober, progress, clock, sentAtMs, network } = setUp({ durationMs: 100, units: 32 });
    const running = prober.runPeriod(progress, "nonce", signal);
    network.isUp = false;
    await clock.advance(30_000);
    expect(sentAtMs.filter((atMs) => atMs > 0)).toEqual([]);
    network.isUp = true;
    await clock.advance(30_000);
    await running;
    expect(sentAtMs).toHaveLength(10);
  });

  it("stops at once when told to", async () => {
    const { prober, progress, clock } = setUp({ durationMs: 10, units: 32 });
    const stop = new AbortController();
    const running = prober.runPeriod(progress, "nonce", stop.signal);
    const stopped = expect(running).rejects.toThrow("stop");
    await clock.advance(1_000);
    stop.abort(new Error("stop"));
    await stopped;
  });

  it("ten hanging miners held all slots and honest ones were tried at a third of their plan: each keeps its own part", async () => {
    const taskIds = ["chat-tiny", "completion-tiny"];
    const hanging = Array.from({ length: 10 }, (_, index) => `hanging-${index}`);
    const honest = Array.from({ length: 20 }, (_, index) => `honest-${index}`);
    const plan = { declaredCapacityPerHour: 1e6, plannedUnits: 32 * 40, plannedRequests: 40 };
    const probes = [...hanging, ...honest].flatMap((hotkey) => taskIds.map((taskId) => aProbe({ hotkey, taskId, ...plan })));
    const setup = setUp({ durationMs: 1_000, units: 32 }, { maxConcurrentRequests: 96, periodMs: 120_000 }, probes, (hotkey) =>
      hotkey.startsWith("hanging") ? { durationMs: 60_000, units: 0, outcome: "failed" } : null,
    );
    const running = setup.prober.runPeriod(setup.progress, "nonce", signal);
    await setup.clock.advance(120_000);
    await running;
    for (const { hotkey, sentRequests, plannedRequests } of setup.progress.states()) {
      if (honest.includes(hotkey)) expect([hotkey, sentRequests / plannedRequests >= 0.95]).toEqual([hotkey, true]);
    }
    const unsent = setup.progress.states().reduce((sum, state) => sum + state.unsentRequests, 0);
    expect(unsent).toBeGreaterThan(400);
    const told = taskIds.map((task) => setup.metrics.values.get(`probesUnsentTotal {"task":"${task}"}`) ?? 0);
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(unsent);
    expect(setup.logger.lines).toMatchObject([{ level: "warn", facts: { unsent, planned: 2_400 } }]);
  });

  it("a miner that refuses at once is asked as often as planned, not 1.3 times", async () => {
    const refusing = () => ({ durationMs: 1, units: 20, outcome: "rateLimited" }) as const;
    const { prober, progress, clock, sentAtMs, logger } = setUp({ durationMs: 1, units: 32 }, {}, undefined, refusing);
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(60_000);
    await running;
    expect(sentAtMs).toHaveLength(10);
    expect(logger.lines).toEqual([]);
  });

  describe("what could not be sent", () => {
    const { target, typicalUnitsPerRequest } = createRegistry().get("chat-tiny") ?? {
      target: { firstTokenMs: 0, unitsPerSecond: 1 },
      typicalUnitsPerRequest: 0,
    };
    const targetMs = target.firstTokenMs + (typicalUnitsPerRequest * 1_000) / target.unitsPerSecond;
    const minute = async (setup: ReturnType<typeof setUp>) => {
      const running = setup.prober.runPeriod(setup.progress, "nonce", signal);
      await setup.clock.advance(90_000);
      await running;
      const [state] = setup.progress.states();
      return { unsent: state?.unsentRequests ?? 0, keptOut: setup.keptOut };
    };
    const kept = (requests: number, hotkey = "alice") => ({
      ...{ period: 1, hotkey, taskId: "chat-tiny", requests },
      units: requests * typicalUnitsPerRequest,
    });

    it("is refused by a miner that answers slowly instead of refusing", async () => {
      const { unsent, keptOut } = await minute(setUp({ durationMs: 30_000, units: typicalUnitsPerRequest }));
      expect(unsent).toBeGreaterThan(2);
      expect(keptOut).toEqual([kept(unsent)]);
    });

    it("is refused by a miner that hangs until its requests fail", async () => {
      const plan = aProbe({ hotkey: "alice", declaredCapacityPerHour: 192_000, plannedUnits: 1_280, plannedRequests: 40 });
      const { unsent, keptOut } = await minute(setUp({ durationMs: 25_000, units: typicalUnitsPerRequest, outcome: "failed" }, {}, [plan]));
      expect(unsent).toBeGreaterThan(2);
      expect(keptOut).toEqual([kept(unsent)]);
    });

    it("is nobody's fault where the miner answered at its target: there was too much for the slots", async () => {
      const plan = aProbe({ hotkey: "alice", declaredCapacityPerHour: 1e6, plannedUnits: 1e5, plannedRequests: 2_000 });
      const atTarget = { durationMs: targetMs, units: typicalUnitsPerRequest };
      const { unsent, keptOut } = await minute(setUp(atTarget, { maxConcurrentPerProbe: 2 }, [plan]));
      expect(unsent).toBeGreaterThan(100);
      expect(keptOut).toEqual([]);
    });

    it("is the miner's only as far as it was too slow: with half the pace half of what its slots could have done", async () => {
      const plan = aProbe({ hotkey: "alice", declaredCapacityPerHour: 1e6, plannedUnits: 1e5, plannedRequests: 2_000 });
      const setup = setUp({ durationMs: 2 * targetMs, units: typicalUnitsPerRequest }, { maxConcurrentPerProbe: 2 }, [plan]);
      const { unsent, keptOut } = await minute(setup);
      const couldMs = 2 * 60_000 * 0.96;
      expect(unsent).toBeGreaterThan(100);
      expect((keptOut[0]?.requests ?? 0) / (couldMs / targetMs / 2)).toBeCloseTo(1, 1);
    });

    it("is nobody's fault where this validator had no room, was late itself, stood still, or was offline", async () => {
      const slow = { durationMs: 30_000, units: typicalUnitsPerRequest };
      const noRoom = setUp(slow, { maxConcurrentRequests: 2 }, plansOf("alice", "bob", "carol", "dave"));
      expect((await minute(noRoom)).unsent).toBeGreaterThan(2);
      expect(noRoom.keptOut).toEqual([]);
      const late = await minute(setUp({ ...slow, wasDelayed: true }));
      expect(late.unsent).toBeGreaterThan(2);
      expect(late.keptOut).toEqual([]);
      const starved = setUp(slow);
      starved.network.isStarved = true;
      expect((await minute(starved)).unsent).toBeGreaterThan(2);
      expect(starved.keptOut).toEqual([]);
      const ours = await minute(setUp({ ...slow, outcome: "failed", blame: "validator" }));
      expect(ours.keptOut).toEqual([]);
      const offline = setUp({ durationMs: 57_000, units: 0, outcome: "failed" });
      const running = offline.prober.runPeriod(offline.progress, "nonce", signal);
      await offline.clock.advance(8_000);
      offline.network.isUp = false;
      await offline.clock.advance(82_000);
      await running;
      expect(offline.progress.states()[0]?.unsentRequests).toBeGreaterThan(2);
      // Only for the time before it was known that we are offline.
      expect(offline.keptOut.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThan(4);
    });
  });

  it("now and then shows one request to two miners, as failing over does, and never twice to one", async () => {
    const { prober, progress, clock, sent } = setUp(
      { durationMs: 10, units: 4 },
      {},
      plansOf(...Array.from({ length: 40 }, (_, at) => `m${at}`)),
    );
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(60_000);
    await running;
    const twice = sent.filter(({ text }, index) => sent.findIndex((other) => other.text === text) < index);
    expect(twice.length).toBeGreaterThan(5);
    expect(twice.length).toBeLessThan(sent.length * 0.1);
    expect(new Set(sent.map(({ hotkey, text }) => `${hotkey} ${text}`)).size).toBe(sent.length);
  });

  it("goes on with a conversation after the miner's own answer, and not after none", async () => {
    const user = (content: string) => ({ role: "user", content });
    const turns = [[user("one 12")], [user("one 12"), { role: "assistant", content: "of another miner" }, user("two")]];
    const shared = turns.map((messages, index) => ({ hotkeys: [], request: { messages, max_tokens: 8 }, atMs: index * 1_000 }));
    const conversations = groupConversations(shared);
    const grownWhere = async (everyAnswer: Answer) => {
      const { prober, progress, clock, sent } = setUp(everyAnswer, {}, plansOf("alice"), undefined, () => conversations);
      const running = prober.runPeriod(progress, "nonce", signal);
      await clock.advance(60_000);
      await running;
      expect(sent.length).toBeGreaterThan(5);
      return sent.map(({ text }) => messagesOf(text)).filter((messages) => messages.at(-1)?.content === "two");
    };
    const grown = await grownWhere({ durationMs: 100, units: 32 });
    expect(grown.length).toBeGreaterThan(1);
    expect(new Set(grown.map((messages) => messages[1]?.content))).toEqual(new Set(["answer of alice to 1"]));
    expect(await grownWhere({ durationMs: 100, units: 32, outcome: "failed" })).toEqual([]);
  });

  describe("a turn of a conversation", () => {
    const user = (content: string) => ({ role: "user", content });
    const WAIT_MS = 7_000;
    const turns = [[user("one 12345678")], [user("one 12345678"), { role: "assistant", content: "of another miner" }, user("two")]];
    const shared = turns.map((messages, index) => ({ hotkeys: [], request: { messages, max_tokens: 8 }, atMs: index * WAIT_MS }));
    const conversations = groupConversations(shared);

    /** How long after the request that it goes on from each turn was sent, milliseconds. */
    async function waitsOf(triedFraction: number, during: (setup: ReturnType<typeof setUp>) => Promise<void>) {
      const plan = aProbe({ declaredCapacityPerHour: 1e9, triedFraction, plannedUnits: 32 * 100, plannedRequests: 100 });
      const setup = setUp({ durationMs: 10, units: 32 }, {}, [plan], undefined, () => conversations);
      const running = setup.prober.runPeriod(setup.progress, "nonce", signal);
      await during(setup);
      await setup.clock.advance(60_000);
      await running;
      const asked = setup.sent.map(({ text }) => messagesOf(text));
      expect(asked).toHaveLength(100);
      return asked.flatMap(([first, ...more], index) => {
        if (more.at(-1)?.content !== "two") return [];
        const before = asked.findIndex((messages) => messages.length === 1 && messages[0]?.content === first?.content);
        return [(setup.sentAtMs[index] ?? 0) - (setup.sentAtMs[before] ?? 0)];
      });
    }
    const isOnTime = (waitMs: number) => waitMs >= WAIT_MS && waitMs <= WAIT_MS + 2;
    const asItGoes = async () => {};

    it("regression: waited for the plan's next gap, and told by that who asks: it comes when it is due", async () => {
      const waits = await waitsOf(0.02, asItGoes);
      expect(waits.length).toBeGreaterThan(20);
      expect(waits.filter(isOnTime).length).toBeGreaterThan(waits.length * 0.9);
    });

    it("takes the place of the next conversation where a large share is tried, and all are sent evenly", async () => {
      const waits = await waitsOf(0.9, asItGoes);
      expect(waits.length).toBeGreaterThan(20);
      expect(waits.filter(isOnTime).length).toBeLessThan(waits.length / 2);
    });

    it("that is due while nothing can be sent is not lost", async () => {
      const waits = await waitsOf(0.02, async ({ clock, network }) => {
        await clock.advance(10_000);
        network.isUp = false;
        await clock.advance(20_000);
        network.isUp = true;
      });
      const late = waits.filter((waitMs) => !isOnTime(waitMs));
      expect(late.length).toBeGreaterThan(2);
      expect(late.every((waitMs) => waitMs > WAIT_MS)).toBe(true);
    });
  });

  it("regression: what one miner answered was shown to another, whom it may harm", async () => {
    const miners = Array.from({ length: 40 }, (_, at) => `m${at}`);
    const user = (content: string) => ({ role: "user", content });
    const turns = [[user("one 12")], [user("one 12"), { role: "assistant", content: "of somebody" }, user("two")]];
    const shared = turns.map((messages, index) => ({ hotkeys: [], request: { messages, max_tokens: 8 }, atMs: index }));
    const { prober, progress, clock, sent } = setUp({ durationMs: 10, units: 4 }, {}, plansOf(...miners), undefined, () =>
      groupConversations(shared),
    );
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(60_000);
    await running;
    const answered = sent.flatMap(({ hotkey, text }) => [...text.matchAll(/answer of (m\d+) to/g)].map(([, whose]) => [hotkey, whose]));
    expect(answered.length).toBeGreaterThan(200);
    expect(answered.filter(([hotkey, whose]) => hotkey !== whose)).toEqual([]);
    expect(sent.some(({ text }, index) => sent.findIndex((other) => other.text === text) < index)).toBe(true);
  });

  it("draws from what users share, but not what the miner was asked by them", async () => {
    const texts = Array.from({ length: 30 }, (_, index) => `shared ${"abcdefghijklmnopqrstuvwxyz".slice(index % 26)} ${index % 2}`);
    const shared = texts.map((text, index) => ({
      hotkeys: [index < 15 ? "alice" : "bob"],
      request: { messages: [{ role: "user", content: text }], max_tokens: 8 },
    }));
    const conversations = groupConversations(shared);
    const known = (hotkey: string) =>
      new Set(shared.filter(({ hotkeys }) => hotkeys.includes(hotkey)).map(({ request }) => JSON.stringify(request.messages)));
    const { prober, progress, clock, sent } = setUp(
      { durationMs: 10, units: 32 },
      {},
      plansOf("alice", "bob"),
      () => null,
      () => conversations,
    );
    const running = prober.runPeriod(progress, "nonce", signal);
    await clock.advance(60_000);
    await running;
    expect(sent.filter(({ text }) => text.includes("shared")).length).toBeGreaterThan(10);
    const ownOf = ({ text }: { readonly text: string }) => JSON.stringify((JSON.parse(text) as { messages: unknown }).messages);
    expect(sent.filter((each) => known(each.hotkey).has(ownOf(each)))).toEqual([]);
  });
});
