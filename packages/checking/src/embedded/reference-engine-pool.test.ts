import { describe, expect, it } from "@jest/globals";
import type { ReferenceEngine } from "./reference-engine.js";
import { createEnginePool } from "./reference-engine-pool.js";

const model = "tiny-lm-small-q8_0" as const;
const options = { promptTokens: [1], outputTokens: [2], temperature: 0, seed: 1 };

function setUp(size: number) {
  const engines: { calls: number; isClosed: boolean; answer: (() => void)[] }[] = [];
  const pool = createEnginePool(size, (): ReferenceEngine => {
    const own = { calls: 0, isClosed: false, answer: [] as (() => void)[] };
    engines.push(own);
    return {
      score: () => {
        own.calls += 1;
        return new Promise((resolve, reject) => own.answer.push(() => (own.calls === 1 ? resolve([]) : reject(new Error("broken")))));
      },
      embed: () => Promise.reject(new Error("not asked for")),
      generateText: () => Promise.reject(new Error("not asked for")),
      generateImage: () => Promise.reject(new Error("not asked for")),
      close: async () => {
        own.isClosed = true;
      },
    };
  });
  return { engines, pool };
}

describe("createEnginePool", () => {
  it("runs as many checks at a time as it may, and makes no engine that is not needed", async () => {
    const { engines, pool } = setUp(3);
    const first = pool.score(model, options);
    expect(engines).toHaveLength(1);
    engines[0]?.answer.shift()?.();
    await first;
    const later = [1, 2, 3, 4].map(() => pool.score(model, options).catch((error: Error) => error.message));
    expect(engines.map(({ calls }) => calls)).toEqual([3, 1, 1]);
    for (const { answer } of engines) for (const each of answer) each();
    // One engine's failure is one check's failure.
    expect(await Promise.all(later)).toEqual(["broken", [], [], "broken"]);
    await pool.close();
    expect(engines.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
  });
});
