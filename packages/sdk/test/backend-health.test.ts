import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { ready } from "@vision/signing";
import type { HealthCheckOptions } from "../src/backends/index.js";
import type { BackendHealth, InferenceBackend, Logger, Miner } from "../src/index.js";
import { createTestMiner, errorCode } from "./support/peers.js";
import { createWordBackend } from "./support/scripted-backend.js";

beforeAll(ready);

const miners: Miner[] = [];
afterEach(async () => {
  await Promise.all(miners.splice(0).map((miner) => miner.close()));
});

/** Lets everything that has been answered be noticed. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const start = () => {
  let health: () => BackendHealth | Promise<BackendHealth> = () => ({ isHealthy: true });
  const asked: HealthCheckOptions[] = [];
  const backend: InferenceBackend = {
    ...createWordBackend(["a"]),
    async checkHealth(options) {
      asked.push(options);
      return health();
    },
  };
  const lines: string[] = [];
  const write = (message: string) => lines.push(message);
  const logger: Logger = { debug: () => undefined, info: write, warn: write, error: write };
  const test = createTestMiner({ tasks: { "chat-tiny": { capacityPerHour: 3_600_000 } }, backend, logger });
  miners.push(test.miner);
  lines.length = 0;
  const set = (next: typeof health) => {
    health = next;
  };
  const pass = async (ms: number) => {
    test.clock.advance(ms);
    await settle();
  };
  return { ...test, asked, lines, set, pass };
};

describe("a miner whose backend goes away", () => {
  it("withdraws the capacity, tells requests to come later, and is back by itself", async () => {
    const { miner, set, pass, lines, askCapacity, chat, asked } = start();
    miner.watchBackends();
    await settle();
    expect(asked[0]?.models).toEqual(["tiny-lm-q8_0"]);
    const { signal } = new AbortController();
    const health = async (path: string) =>
      (await miner.handle({ method: "GET", path, headers: {}, body: new Uint8Array(), signal })).status;
    expect([await health("/healthz"), await health("/readyz")]).toEqual([200, 200]);
    expect(await askCapacity()).toEqual({ "chat-tiny": 3_600_000 });

    set(() => ({ isHealthy: false, detail: "connection refused" }));
    await pass(15_000);
    expect(await askCapacity()).toEqual({ "chat-tiny": 3_600_000 }); // a busy server may miss one check
    await pass(5_000);
    expect(await askCapacity()).toEqual({ "chat-tiny": 0 });
    expect([await health("/healthz"), await health("/readyz")]).toEqual([200, 503]);
    const refused = await chat({ fields: { stream: false } });
    expect([refused.status, refused.headers["retry-after"], await errorCode(refused)]).toEqual([429, "10", "rate_limited"]);

    set(() => ({ isHealthy: true }));
    await pass(5_000);
    expect(await askCapacity()).toEqual({ "chat-tiny": 3_600_000 });
    expect((await chat({ fields: { stream: false } })).status).toBe(200);
    expect(lines).toEqual([
      "A backend is away; its tasks are not offered until it is back",
      "A backend is back; its tasks are offered again",
    ]);
  });

  it("counts a backend that is ill from the start, hangs or throws as away", async () => {
    for (const health of [
      () => ({ isHealthy: false }),
      () => new Promise<never>(() => undefined),
      () => Promise.reject(new Error("bug")),
    ]) {
      const { miner, set, pass, askCapacity } = start();
      set(health);
      miner.watchBackends();
      await settle();
      await pass(5_000);
      expect(await askCapacity()).toEqual({ "chat-tiny": 0 });
    }
  });

  it("asks no more once it is closed", async () => {
    const { miner, pass, asked, clock } = start();
    miner.watchBackends();
    await settle();
    await miner.close();
    await pass(60_000);
    expect([asked.length, clock.timerCount]).toEqual([1, 0]);
  });
});
