import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { AnswerEvidence } from "@vision/scoring";
import { cutShort, type TextAnswer, withLogprobsOf } from "../bench/roc/players.js";
import { type AnswerRecord, openRecords } from "../bench/roc/records.js";
import { plotPair, renderPair } from "../bench/roc/render.js";
import { reportPair } from "../bench/roc/report.js";
import { areaUnderCurve, countFalseDecisions, searchCheat, suspicionOf, truePositives } from "../bench/roc/statistics.js";

const right: AnswerEvidence = { isGreedy: false, margins: [60, 0, 0, 0, 0, 0, 0, 0], claims: [60, 0, 0, 0, 0, 0, 0, 0], surprise: null };
const wrong: AnswerEvidence = { ...right, margins: [50, 0, 0, 0, 0, 0, 2, 8] };

const record = (player: string, index: number, more: Partial<AnswerRecord> = {}): AnswerRecord => ({
  ...{ pair: "pair", player, isHonest: player === "honest", sampler: "gumbel-murmur3", index, tokens: 60 },
  ...{ quality: 1, fault: null, evidence: player === "honest" ? right : wrong, generateMs: 100, checkMs: 20 },
  ...more,
});
const answersOf = (player: string, count = 20) => Array.from({ length: count }, (_, index) => record(player, index));

describe("areaUnderCurve", () => {
  it("is the share of pairs in which the cheat's value is the larger one, ties counted half", () => {
    expect(areaUnderCurve([1, 2, 3], [4, 5])).toBe(1);
    expect(areaUnderCurve([4, 5], [1, 2, 3])).toBe(0);
    expect(areaUnderCurve([1, 1], [1, 1])).toBe(0.5);
    // 3 beats 1 and 2 of (1, 2, 3, 4), and ties with 3.
    expect(areaUnderCurve([4, 2, 1, 3], [3])).toBe(2.5 / 4);
  });
});

describe("truePositives", () => {
  it("counts what lies above all but so small a share of the honest", () => {
    const honest = Array.from({ length: 1_000 }, (_, index) => index);
    expect(truePositives(honest, [999, 999.5, 1_000], 0)).toBeCloseTo(2 / 3);
    expect(truePositives(honest, [999, 998, 997], 0.001)).toBeCloseTo(1 / 3);
  });
});

describe("suspicionOf", () => {
  it("adds evidence up as the sequential test does, and counts a worthless answer above all evidence", () => {
    expect(suspicionOf(answersOf("honest"))).toBe(0);
    expect(suspicionOf(answersOf("cheat", 4))).toBeGreaterThan(suspicionOf(answersOf("cheat", 2)));
    expect(suspicionOf([record("cheat", 0, { evidence: null, quality: 0 })])).toBeGreaterThan(suspicionOf(answersOf("cheat", 2)));
  });
});

describe("searchCheat", () => {
  it("finds a cheat in a few answers, and an honest miner in none of 10,000", () => {
    expect(searchCheat(answersOf("cheat"), "seed")).toEqual({ medianAnswers: 2, ninthOfTenAnswers: 2, decidedFraction: 1 });
    expect(searchCheat(answersOf("honest"), "seed")).toEqual({ medianAnswers: null, ninthOfTenAnswers: null, decidedFraction: 0 });
    expect(countFalseDecisions(answersOf("honest"), { miners: 1, each: 10_000, seed: "seed" })).toBe(0);
  });
});

describe("a report", () => {
  it("tells the honest from each cheat, in tables and in a plot", () => {
    const unjudged = record("cheat", 90, { quality: null, evidence: null });
    const records = [...answersOf("honest"), ...answersOf("another seed"), unjudged, record("of another pair", 1, { pair: "other" })];
    const result = reportPair({ name: "pair", title: "a model" }, records, 1);
    expect(result.honest).toMatchObject([
      { player: "honest", answers: 20, tokens: 1_200, faultyAnswers: 0, falseDecisions: 0, checkCostFraction: 0.2 },
    ]);
    expect(result.cheats.map(({ player, answers }) => [player, answers])).toEqual([["another seed", 20]]);
    expect(result.cheats[0]?.byTokens[0]).toEqual({ tokens: 50, areaUnderCurve: 1, truePositives: 1 });
    expect(renderPair(result)).toMatch(/\| another seed \| seeds known \| 20 \| 1\.00 \| 1\.0000 \/ 100\.0 % .*\| 2 \/ 2 \|/);
    expect(plotPair(result)).toContain("<polyline");
  });
});

describe("records", () => {
  it("go on where a run was killed in the middle of a line", () => {
    const folder = mkdtempSync(join(tmpdir(), "vision-roc-"));
    const path = join(folder, "answers.jsonl");
    try {
      const first = openRecords(path);
      first.add(record("honest", 1));
      appendFileSync(path, '{"pair":"pair","pla');
      const second = openRecords(path);
      expect(second.has(record("honest", 1))).toBe(true);
      expect(second.has(record("honest", 2))).toBe(false);
      second.add(record("honest", 2));
      expect(openRecords(path).all()).toEqual([record("honest", 1), record("honest", 2)]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("players", () => {
  const answer: TextAnswer = {
    ...{ kind: "text", text: "ab", finishReason: "length" },
    tokens: [
      { bytes: [97], text: "a", logprob: -3 },
      { bytes: [98], text: "b", logprob: -3 },
    ],
  };

  it("cut an answer to half of what was asked for and call it the end", async () => {
    const asked: unknown[] = [];
    const half = await cutShort(async (request) => {
      asked.push(request["max_tokens"]);
      return answer;
    })({ max_tokens: 9 });
    expect(asked).toEqual([4]);
    expect(half?.finishReason).toBe("stop");
  });

  it("take the right model's logprobs for another one's tokens", async () => {
    const model = {
      readPrompt: async () => ({ kind: "read" as const, tokens: [1] }),
      idsOf: async () => [7, 8],
      score: async () => ({
        kind: "scored" as const,
        positions: [-0.1, -0.2].map((logprob) => ({ tokenId: 7, logprob, rank: 0, bestIds: [7], bestLogprobs: [logprob] })),
      }),
    };
    const task = { family: "chat-completions" } as Parameters<typeof withLogprobsOf>[1];
    const told = await withLogprobsOf(
      model as unknown as Parameters<typeof withLogprobsOf>[0],
      task,
      async () => answer,
    )({
      model: "m",
      messages: [{ role: "user", content: "hi" }],
    });
    expect(told?.tokens.map(({ logprob }) => logprob)).toEqual([-0.1, -0.2]);
  });
});
