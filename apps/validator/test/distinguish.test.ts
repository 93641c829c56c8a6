import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { ready } from "@vision/signing";
import { conversationOf } from "../bench/distinguish/capture.js";
import { collect, interleave } from "../bench/distinguish/collect.js";
import { distinguish, type Learner } from "../bench/distinguish/evaluate.js";
import { readFields } from "../bench/distinguish/features/fields.js";
import { readRepetition } from "../bench/distinguish/features/repetition.js";
import { type FeatureRow, tableOf } from "../bench/distinguish/features/table.js";
import { readTiming } from "../bench/distinguish/features/timing.js";
import { createBoostedTrees, logisticRegression } from "../bench/distinguish/learners.js";
import { playPlan } from "../bench/distinguish/play-plan.js";
import { measureAuc } from "../bench/measure-auc.js";
import { createConversationPace } from "../src/domain/conversation-pace.js";
import { addGaps, noGaps } from "../src/domain/gap-histogram.js";
import { createBurstyGaps, evenGaps, type Gaps } from "../src/domain/gaps.js";

const corpus = { paragraph: () => "Something.", sentence: () => "Something.", code: () => "1", keyword: () => "one" };

const eachItsOwn = (rows: readonly unknown[]) => rows.map((_, index) => String(index));

let trees: Learner;
beforeAll(async () => {
  await ready();
  trees = await createBoostedTrees();
});

describe("telling requests apart", () => {
  it("measures the area under the curve, ties counting half", () => {
    expect(measureAuc([0.1, 0.4, 0.35, 0.8], [false, false, true, true])).toBe(0.75);
    expect(measureAuc([1, 1, 1], [true, false, true])).toBe(0.5);
    expect(measureAuc([3, 2, 1], [true, true, false])).toBe(1);
  });

  it("learns what can be learnt and says by what, and finds nothing where there is nothing", () => {
    const random = createSeededRandom("learners", []);
    const rows = Array.from({ length: 400 }, () => ({ noise: random.next(), tell: random.next(), other: random.next() }));
    const areOrganic = rows.map(({ tell }) => tell + 0.2 * random.next() > 0.6);
    const coins = rows.map(() => random.next() < 0.5);
    const conversations = eachItsOwn(rows);
    for (const learner of [logisticRegression, trees]) {
      const told = distinguish({ ...tableOf(rows), areOrganic, conversations }, learner, random);
      expect({ name: learner.name, isTold: told.auc > 0.95, tell: told.tells[0] }).toEqual({
        name: learner.name,
        isTold: true,
        tell: "tell",
      });
      const chance = distinguish({ ...tableOf(rows), areOrganic: coins, conversations }, learner, random);
      expect({ name: learner.name, isChance: Math.abs(chance.auc - 0.5) < 0.1 }).toEqual({ name: learner.name, isChance: true });
    }
  });

  it("regression: was told by the words of a conversation's other half, which it had been taught", () => {
    const random = createSeededRandom("conversations", []);
    // Nothing but which conversation it is, four requests of each, and a coin for what each conversation is.
    const ofOrganic = Array.from({ length: 100 }, () => random.next() < 0.5);
    const rows = Array.from({ length: 400 }, (_, index) => ({ conversation: index % 100 }));
    const areOrganic = rows.map(({ conversation }) => ofOrganic[conversation] === true);
    const tell = (conversations: readonly string[]) => distinguish({ ...tableOf(rows), areOrganic, conversations }, trees, random).auc;
    expect(tell(eachItsOwn(rows))).toBeGreaterThan(0.9);
    expect(tell(rows.map(({ conversation }) => String(conversation)))).toBeLessThan(0.65);
  });

  it("knows which conversation a request belongs to by how it began", () => {
    const capture = (...messages: readonly (readonly [string, string])[]) => ({
      ...{ isOrganic: true, atMs: 0, answer: "" },
      body: JSON.stringify({ messages: messages.map(([role, content]) => ({ role, content })) }),
    });
    const turns = [capture(["system", "Be brief."], ["user", "hi"]), capture(["user", "hi"], ["assistant", "hello"], ["user", "more"])];
    expect(turns.map(conversationOf)).toEqual(["hi", "hi"]);
    expect(conversationOf(capture(["system", "Be brief."]))).toBe("Be brief.");
  });

  it("sees what came before: the same text, and conversations that grew", () => {
    const capture = (...texts: readonly string[]) => ({
      isOrganic: true,
      ...{ atMs: 0, answer: texts.length === 1 ? "b" : "d" },
      body: JSON.stringify({
        seed: Math.random(),
        messages: texts.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content })),
      }),
    });
    const [first, again, grown, other] = readRepetition([capture("a"), capture("a"), capture("a", "b", "c"), capture("a", "z", "c")]);
    expect(first).toMatchObject({ "the same body before": 0, "share of a conversation that grew": 0 });
    expect(again).toMatchObject({ "the same body before": 1, "the same words before": 1 });
    expect(grown).toMatchObject({ "the same body before": 0, "messages of a conversation that grew": 1, "own answers in it": 1 });
    expect(other).toMatchObject({ "own answers in it": 0, "answers of others in it": 1 });
  });
});

describe("synthetic requests beside recorded fields of users' requests", () => {
  // `npm run distinguish -- --record FILE`: what real clients sent through the gateway, every second request of 600.
  const path = fileURLToPath(new URL("./fixtures/organic-fields.jsonl", import.meta.url));
  const organic = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as FeatureRow);

  it("are told by their fields no better than when that was measured last", async () => {
    const drawn = await collect({ organic: 0, synthetic: 300, seed: "bounds", corpus });
    expect(drawn).toHaveLength(300);
    const rows = [...organic, ...readFields(drawn)];
    const areOrganic = rows.map((_, index) => index < organic.length);
    // 0.98 on 2026-11-27.
    expect(
      distinguish({ ...tableOf(rows), areOrganic, conversations: eachItsOwn(rows) }, trees, createSeededRandom("bounds", [])).auc,
    ).toBeLessThan(0.995);
  });
});

describe("synthetic requests beside users' requests, by when they come", () => {
  const body = JSON.stringify({ messages: [] });
  const usersOf = (count: number, seed: string) =>
    [...interleave(count, seed, { url: "http://127.0.0.1:1", key: "none", model: "none", corpus })].map(({ atMs }) => atMs);

  async function tell(gaps: Gaps): Promise<number> {
    const times: number[] = [];
    // Conversations of one request.
    const source = { drawFirst: () => ({ request: {}, holdsAnswers: false, nextDueMs: null, onAnswered: null }), drawDue: () => null };
    await playPlan({
      ...{ taskId: "chat", count: 900, gaps, random: createSeededRandom("timing", []), pace: createConversationPace(), source },
      setTime: (atMs) => times.push(atMs),
      send: async () => null,
    });
    const own = times.map((atMs) => ({ isOrganic: false, atMs, body, answer: "" }));
    expect(own).toHaveLength(900);
    const captures = [...usersOf(600, "one").map((atMs) => ({ isOrganic: true, atMs, body, answer: "" })), ...own].sort(
      (a, b) => a.atMs - b.atMs,
    );
    // Without what was said, which is told elsewhere.
    const rows = readTiming(captures).map(({ "since one with the same opening": _, ...row }) => row);
    const areOrganic = captures.map(({ isOrganic }) => isOrganic);
    return distinguish({ ...tableOf(rows), areOrganic, conversations: eachItsOwn(rows) }, trees, createSeededRandom("timing", [])).auc;
  }

  it("are told less well in bursts than evenly, and least with gaps as other users had them", async () => {
    // 0.75, 0.64 and 0.61 on 2026-11-27.
    const [even, shipped, adapted] = await Promise.all(
      [evenGaps, createBurstyGaps(noGaps), createBurstyGaps(addGaps(noGaps, usersOf(3_000, "others")))].map(tell),
    );
    expect({ shipped: (shipped ?? 1) < 0.71, adapted: (adapted ?? 1) < 0.66 }).toEqual({ shipped: true, adapted: true });
    expect(even).toBeGreaterThan(shipped ?? 1);
    expect(shipped).toBeGreaterThan(adapted ?? 1);
  });
});
