import { describe, expect, it } from "@jest/globals";
import { type AnswerPart, createRegistry, type Task } from "@vision/protocol";
import { createSeededRandom } from "@vision/scoring/probing";
import { createInProcessLedger } from "../adapters/ledger-in-process.js";
import type { CheckRecord, ResultRecord } from "../domain/records/index.js";
import { createMinerReader } from "../services/miner-reader.js";
import { createFakeMinerClient, type FakeAnswer } from "../testing/fake-miner-client.js";
import { createManualClock } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { createRecordingMetrics } from "../testing/recording-metrics.js";
import { createExchange } from "./run-request.js";

const found = createRegistry().get("chat-tiny");
if (found === undefined) throw new Error("no chat-tiny");
const task: Task = found;
const target = { hotkey: "alice", host: "127.0.0.1", port: 1 };
const request = { model: "chat-tiny", messages: [{ role: "user" as const, content: "Hi" }], max_tokens: 40 };

type Options = { readonly period?: number | null; readonly budget?: number; readonly isDelayed?: boolean };

function setUp(answer: FakeAnswer | (() => FakeAnswer), options: Options = {}) {
  const clock = createManualClock();
  const ledger = createInProcessLedger();
  ledger.startPeriod([{ hotkey: "alice", taskId: "chat-tiny", units: options.budget ?? 100 }]);
  const client = createFakeMinerClient(
    new Map([["alice", { capacities: {}, answer: typeof answer === "function" ? answer : () => answer }]]),
    clock,
  );
  const reader = createMinerReader({ client, clock, logger: recordingLogger(), onStandstill: () => undefined });
  const results: ResultRecord[] = [];
  const checks: CheckRecord[] = [];
  const metrics = createRecordingMetrics();
  const exchange = createExchange({
    asker: {
      async ask(asked) {
        const reply = await reader.ask(asked);
        return { ...reply, wasDelayed: options.isDelayed ?? false };
      },
    },
    ledger,
    promptCounter: { count: async () => ({ kind: "counted", promptTokens: 500 }) },
    routing: { currentPeriod: () => (options.period === undefined ? 7 : options.period), sampler: () => "gumbel-murmur3" as const },
    clock,
    metrics,
    random: createSeededRandom("x", []),
    newId: () => `id-${results.length}`,
    shouldCheck: () => true,
    onResult: (result, check) => {
      results.push(result);
      if (check !== null) checks.push(check);
    },
  });
  const run = async (
    changes: {
      readonly isOrganic?: boolean;
      readonly isAnswerWanted?: boolean;
      readonly onParts?: (parts: readonly AnswerPart[]) => void;
      readonly signal?: AbortSignal;
      readonly fields?: Readonly<Record<string, unknown>>;
    } = {},
  ) => {
    const { isOrganic = false, signal = new AbortController().signal, onParts } = changes;
    const running = exchange.run({
      target,
      task,
      request: { ...request, ...changes.fields },
      isOrganic,
      ...(changes.isAnswerWanted === undefined ? {} : { isAnswerWanted: changes.isAnswerWanted }),
      signal,
      ...(onParts === undefined ? {} : { onParts }),
    });
    await clock.advance(1_000);
    return running;
  };
  return { run, ledger, client, results, checks, metrics, clock };
}

describe("createExchange", () => {
  it("records an answer with its units, times and check, and frees what was not used", async () => {
    const setup = setUp({ kind: "ok", tokens: ["Hi", " there", "!"] });
    expect(await setup.run()).toMatchObject({ outcome: "ok", completedUnits: 3, firstTokenMs: 25, durationMs: 100 });
    expect(setup.results).toMatchObject([{ period: 7, outcome: "ok", attemptedUnits: 3, completedUnits: 3, isOrganic: false }]);
    expect(setup.checks[0]).toMatchObject({ requestId: "id-0", answer: { kind: "text", text: "Hi there!" }, request: { max_tokens: 40 } });
    expect(setup.checks[0]).toMatchObject({ firstTokenMs: 25, durationMs: 100, units: 3 });
    expect(setup.ledger.free("alice", "chat-tiny")).toBe(97);
    expect(setup.ledger.inFlight("alice")).toBe(0);
  });

  it("treats a user's request exactly like a synthetic one", async () => {
    const synthetic = setUp({ kind: "ok", tokens: ["a"] });
    const organic = setUp({ kind: "ok", tokens: ["a"] });
    await synthetic.run();
    const events: (readonly AnswerPart[])[] = [];
    await organic.run({ isOrganic: true, onParts: (parts) => void events.push(parts) });
    expect(events).toHaveLength(2);
    expect(organic.client.sent.map(({ request: body }) => body)).toEqual(synthetic.client.sent.map(({ request: body }) => body));
    expect(organic.results).toEqual(synthetic.results.map((result) => ({ ...result, isOrganic: true })));
  });

  it("counts a miss at typical volume and a refusal likewise, with the miner to blame", async () => {
    const failed = setUp({ kind: "failed", blame: "miner" });
    expect(await failed.run()).toMatchObject({ outcome: "failed", blame: "miner", answer: null });
    expect(failed.results).toMatchObject([{ attemptedUnits: 32, completedUnits: 0, reason: "broken" }]);
    expect(failed.ledger.free("alice", "chat-tiny")).toBe(68);
    const refused = setUp({ kind: "rateLimited" });
    expect(await refused.run()).toMatchObject({ outcome: "rateLimited", blame: "miner", reason: "rate limited" });
    expect(refused.checks).toEqual([]);
  });

  it("a standstill of the validator was held against miners: what it may have delayed is ours, and no speed is judged", async () => {
    const late = setUp({ kind: "failed", blame: "miner", stage: "time" }, { isDelayed: true });
    expect(await late.run()).toMatchObject({ outcome: "failed", blame: "validator" });
    expect(late.results).toMatchObject([{ outcome: "failed", blame: "validator" }]);
    const answered = setUp({ kind: "ok", tokens: ["a"] }, { isDelayed: true });
    await answered.run();
    expect(answered.results).toMatchObject([{ outcome: "ok", blame: "nobody" }]);
    expect(answered.checks).toEqual([]);
  });

  it("a standstill excused everybody of everything: a bad answer and a refusal in it are still the miner's", async () => {
    for (const answer of [
      { kind: "failed", blame: "miner", stage: "content" },
      { kind: "failed", blame: "miner", status: 500 },
      { kind: "rateLimited" },
    ] as const) {
      const setup = setUp(answer, { isDelayed: true });
      await setup.run();
      expect({ answer, blame: setup.results[0]?.blame }).toEqual({ answer, blame: "miner" });
    }
  });

  it("does not use a miner's capacity up by failures of our own", async () => {
    const setup = setUp({ kind: "failed", blame: "validator" });
    expect(await setup.run()).toMatchObject({ outcome: "failed", blame: "validator" });
    expect(setup.ledger.free("alice", "chat-tiny")).toBe(100);
  });

  const invalid = {
    ...({ kind: "failed", blame: "miner", status: 400, code: "invalid_request" } as const),
    reason: "reworded",
    minerMessage: "The prompt\nhas 481 tokens.",
  };

  it("regression: a user's bad request was recorded as the miner's failure; it waits until it is known whose fault it is", async () => {
    for (const blame of ["nobody", "miner"] as const) {
      const setup = setUp(invalid);
      const result = await setup.run({ isOrganic: true });
      expect(result).toMatchObject({ outcome: "failed", blame: "nobody", refusal: { reason: "The prompt has 481 tokens." } });
      expect(setup.results).toEqual([]);
      result?.refusal?.settle(blame);
      result?.refusal?.settle("miner");
      expect(setup.results).toMatchObject([{ outcome: "failed", blame, attemptedUnits: 32, completedUnits: 0 }]);
    }
  });

  it("blames a miner that refuses a synthetic request, which is valid, and one that fails otherwise", async () => {
    const synthetic = setUp(invalid);
    expect(await synthetic.run()).toMatchObject({ blame: "miner", refusal: null });
    expect(synthetic.results).toMatchObject([{ outcome: "failed", blame: "miner" }]);
    const denied = setUp({ ...invalid, status: 403, code: "not_permitted" });
    expect(await denied.run({ isOrganic: true })).toMatchObject({ blame: "miner", refusal: null });
  });

  it("gives the answer to a synthetic request where a conversation goes on after it", async () => {
    const setup = setUp({ kind: "ok", tokens: ["Hi"] });
    expect(await setup.run()).toMatchObject({ outcome: "ok", answer: null });
    expect(await setup.run({ isAnswerWanted: true })).toMatchObject({ outcome: "ok", answer: { text: "Hi" } });
    const failing = setUp({ kind: "failed", blame: "miner", stage: "content" });
    expect(await failing.run({ isAnswerWanted: true })).toMatchObject({ outcome: "failed", answer: null });
  });

  it("blames nobody for an answer that cannot be handed on", async () => {
    const setup = setUp({ kind: "ok", tokens: ["a"] });
    const onParts = () => {
      throw new Error("the user went away");
    };
    expect(await setup.run({ isOrganic: true, onParts })).toMatchObject({ outcome: "failed", blame: "nobody" });
  });

  it("blames the miner for a field of another shape", async () => {
    const setup = setUp({ kind: "ok", tokens: ["a"], delta: { tool_calls: "none" } });
    expect(await setup.run({ isOrganic: true, onParts: () => {} })).toMatchObject({ outcome: "failed", blame: "miner" });
  });

  it("regression: a user got 502 for an answer that is rightly empty; it is shown, paid to nobody and charged to nobody", async () => {
    const setup = setUp({ kind: "ok", tokens: [] });
    expect(await setup.run({ isOrganic: true })).toMatchObject({ outcome: "ok", blame: "nobody", completedUnits: 0, answer: { text: "" } });
    expect(setup.results).toMatchObject([{ outcome: "failed", blame: "nobody", completedUnits: 0 }]);
    expect(setup.checks).toEqual([]);
    expect(setup.ledger.free("alice", "chat-tiny")).toBe(100);
  });

  it("regression: an answer of nothing cost nothing and counted as answered, which made dodging free", async () => {
    const setup = setUp({ kind: "ok", tokens: [] });
    expect(await setup.run()).toMatchObject({ outcome: "failed", blame: "miner", reason: "the answer is empty", answer: null });
    expect(setup.results).toMatchObject([{ outcome: "failed", attemptedUnits: 32, completedUnits: 0, firstTokenMs: null }]);
    expect(setup.checks).toEqual([]);
    expect(setup.ledger.free("alice", "chat-tiny")).toBe(68);
  });

  it("takes an answer of nothing where a stop sequence of the user's may have ended it at once", async () => {
    const setup = setUp({ kind: "ok", tokens: [] });
    expect(await setup.run({ fields: { stop: ["."] } })).toMatchObject({ outcome: "ok", completedUnits: 1 });
  });

  it("counts tool calls without logprobs by their length, and only where tools were offered", async () => {
    const delta = { tool_calls: [{ index: 0, id: "a", function: { name: "find", arguments: '{"city": "Rome"}' } }] };
    const tools = [{ type: "function", function: { name: "find" } }];
    const offered = setUp({ kind: "ok", tokens: [], delta });
    expect(await offered.run({ fields: { tools } })).toMatchObject({ outcome: "ok", completedUnits: 5 });
    const unasked = setUp({ kind: "ok", tokens: [], delta });
    expect(await unasked.run()).toMatchObject({ outcome: "failed", blame: "miner" });
    const listed = setUp({ kind: "ok", tokens: ["a", "b"], delta });
    expect(await listed.run({ fields: { tools } })).toMatchObject({ completedUnits: 2 });
  });

  it("regression: an answer without a limit was cut at 256 tokens; it may take what the context leaves", async () => {
    const setup = setUp({ kind: "ok", tokens: ["a"] });
    await setup.run({ fields: { max_tokens: undefined } });
    expect(setup.client.sent[0]?.request).toMatchObject({ max_tokens: 12 });
  });

  it("sends nothing without room or without a period", async () => {
    const full = setUp({ kind: "ok", tokens: [] }, { budget: 39 });
    expect(await full.run()).toBeNull();
    const early = setUp({ kind: "ok", tokens: [] }, { period: null });
    expect(await early.run()).toBeNull();
    expect([full, early].flatMap(({ client, results }) => [...client.sent, ...results])).toEqual([]);
  });

  it("regression: users who left emptied the miner's bucket and not the ledger, and its refusals after that were its fault", async () => {
    let answer: FakeAnswer = { kind: "ok", tokens: ["a", "b", "c"] };
    const setup = setUp(() => answer);
    const leave = () => {
      throw new Error("the user went away");
    };
    let seen = 0;
    const leaveAtSecond = () => {
      seen += 1;
      if (seen === 2) leave();
    };
    expect(await setup.run({ isOrganic: true, onParts: leaveAtSecond })).toMatchObject({ outcome: "failed", blame: "nobody" });
    expect(setup.ledger.free("alice", "chat-tiny")).toBe(98);
    answer = { kind: "rateLimited" };
    expect(await setup.run()).toMatchObject({ outcome: "rateLimited", blame: "nobody" });
    // 38 units of 40 were cancelled: the next refusal is the miner's again.
    expect(await setup.run()).toMatchObject({ outcome: "rateLimited", blame: "miner" });
  });

  it("a miner's refusal after a cancellation was its fault where the clock was set ahead meanwhile", async () => {
    let answer: FakeAnswer = { kind: "ok", tokens: ["a", "b", "c"] };
    const setup = setUp(() => answer);
    const leave = () => {
      throw new Error("the user went away");
    };
    await setup.run({ isOrganic: true, onParts: leave });
    setup.clock.stepWall(60_000);
    answer = { kind: "rateLimited" };
    expect(await setup.run()).toMatchObject({ outcome: "rateLimited", blame: "nobody" });
  });

  it("frees the reservation when the caller gives up", async () => {
    const setup = setUp({ kind: "ok", tokens: ["a"] });
    const stop = new AbortController();
    const running = setup.run({ signal: stop.signal });
    stop.abort();
    expect(await running).toMatchObject({ outcome: "failed", blame: "nobody" });
    expect(setup.ledger.free("alice", "chat-tiny")).toBe(100);
  });

  it("W-19: never names who asks and always names a seed", async () => {
    const setup = setUp({ kind: "ok", tokens: ["a"] });
    await setup.run();
    await setup.run();
    const seeds = setup.client.sent.map(({ request: body }) => body["seed"]);
    expect(seeds.every((seed) => Number.isInteger(seed))).toBe(true);
    expect(seeds[0]).not.toBe(seeds[1]);
  });
});
