import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createFakeBackend } from "@vision/sdk/testing";
import { ready } from "@vision/signing";
import { createManualClock, settle } from "../src/testing/manual-clock.js";
import { aResult } from "../src/testing/store-samples.js";
import { type RealGateway, startRealGateway } from "./fixtures/start-real-gateway.js";

let gateway: RealGateway | undefined;
afterEach(() => gateway?.close());
beforeAll(() => ready());

const chat = { model: "chat-tiny", messages: [{ role: "user", content: "Hello" }], max_tokens: 8 };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle(1);
}

describe("a hedge", () => {
  it("ends the slower miner's work at its backend, and holds nothing but its slowness against it", async () => {
    const clock = createManualClock(Date.now());
    const silent = createFakeBackend({ script: () => [{ kind: "hang" }] });
    const quick = createFakeBackend();
    gateway = await startRealGateway([silent, quick], { clock });
    const { board, results, metrics, post } = gateway;
    for (let count = 0; count < 20; count += 1) board.noteResult(aResult(`before-${count}`, { hotkey: "gone", firstTokenMs: 700 }));
    expect(board.firstTokenBudgetMs("chat-tiny")).toBe(700);
    const answer = post("/v1/chat/completions", chat);
    await until(() => silent.activeCalls === 1);
    expect(quick.calls).toHaveLength(0);
    await clock.advance(700);
    const response = await answer;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [{ message: { role: "assistant" }, finish_reason: expect.any(String) }] });
    await until(() => silent.cancelledCalls === 1 && results.length === 2);
    expect(quick.calls).toHaveLength(1);
    expect(results.map(({ outcome, blame }) => `${outcome} ${blame}`).sort()).toEqual(["failed nobody", "ok nobody"]);
    expect(results.find(({ outcome }) => outcome === "failed")?.silentMs).toBeGreaterThan(0);
    expect(metrics.values.get('gatewayHedgesTotal {"task":"chat-tiny","outcome":"won"}')).toBe(1);
  });
});
