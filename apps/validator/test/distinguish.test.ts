import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { ready } from "@vision/signing";
import { collect } from "../bench/distinguish/collect.js";
import { distinguish, type Learner } from "../bench/distinguish/evaluate.js";
import { readFields } from "../bench/distinguish/features/fields.js";
import { readRepetition } from "../bench/distinguish/features/repetition.js";
import { type FeatureRow, tableOf } from "../bench/distinguish/features/table.js";
import { createBoostedTrees, logisticRegression } from "../bench/distinguish/learners.js";
import { measureAuc } from "../bench/measure-auc.js";

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
    for (const learner of [logisticRegression, trees]) {
      const told = distinguish({ ...tableOf(rows), areOrganic }, learner, random);
      expect({ name: learner.name, isTold: told.auc > 0.95, tell: told.tells[0] }).toEqual({
        name: learner.name,
        isTold: true,
        tell: "tell",
      });
      const chance = distinguish({ ...tableOf(rows), areOrganic: coins }, learner, random);
      expect({ name: learner.name, isChance: Math.abs(chance.auc - 0.5) < 0.1 }).toEqual({ name: learner.name, isChance: true });
    }
  });

  it("sees what came before: the same text, and conversations that grew", () => {
    const capture = (...texts: readonly string[]) => ({
      isOrganic: true,
      atMs: 0,
      body: JSON.stringify({
        seed: Math.random(),
        messages: texts.map((content, index) => ({ role: index % 2 === 0 ? "user" : "assistant", content })),
      }),
    });
    const [first, again, grown] = readRepetition([capture("a"), capture("a"), capture("a", "b", "c")]);
    expect(first).toMatchObject({ "the same body before": 0, "share of a conversation that grew": 0 });
    expect(again).toMatchObject({ "the same body before": 1, "the same words before": 1 });
    expect(grown).toMatchObject({ "the same body before": 0, "messages of a conversation that grew": 1 });
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
    const corpus = { paragraph: () => "Something.", sentence: () => "Something.", code: () => "1", keyword: () => "one" };
    const drawn = await collect({ organic: 0, synthetic: 300, seed: "bounds", corpus });
    expect(drawn).toHaveLength(300);
    const rows = [...organic, ...readFields(drawn)];
    const areOrganic = rows.map((_, index) => index < organic.length);
    // 0.98 on 2026-11-27.
    expect(distinguish({ ...tableOf(rows), areOrganic }, trees, createSeededRandom("bounds", [])).auc).toBeLessThan(0.995);
  });
});
