import { describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import type { ApiKeyRecord } from "../domain/records/index.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { recordingLogger } from "../testing/recording-logger.js";
import { hashApiKey } from "./api-key.js";
import { createAuthenticator, type StrangerBudget } from "./authenticate.js";

const record: ApiKeyRecord = {
  ...{ id: "good", name: "test", prefix: "vsn-", requestsPerMinute: 60, tokensPerMinute: null, concurrentRequests: 32 },
  ...{ createdAtMs: 0, lastUsedAtMs: null, sharesRequests: false, monthlyUnits: null, paidUnits: null, revokedAtMs: null },
};

/** A store whose answers a test decides on. */
function start(cacheMs = 5_000) {
  const clock = createManualClock();
  let answer: (sha256Hex: string) => Promise<ApiKeyRecord | null> = async (hash) => (hash === hashApiKey("good") ? record : null);
  const asked: string[] = [];
  const store = {
    findApiKey: (hash: string) => {
      asked.push(hash);
      return answer(hash);
    },
    touchApiKeys: async () => undefined,
  };
  const authenticator = createAuthenticator({ cacheMs }, { store, clock, logger: recordingLogger() });
  let strangers = 0;
  const stranger: StrangerBudget = {
    take: () => {
      strangers += 1;
    },
    giveBack: () => {
      strangers -= 1;
    },
  };
  return {
    clock,
    asked,
    strangers: () => strangers,
    setAnswer: (next: typeof answer) => {
      answer = next;
    },
    ask: (key: string, budget = stranger) => authenticator.authenticate(`Bearer ${key}`, budget),
    askBare: (authorization: string | undefined) => authenticator.authenticate(authorization, stranger),
  };
}

const hang = () => new Promise<never>(() => undefined);
const away = async () => {
  throw new VisionError({ code: "STORE_UNREACHABLE", message: "away" });
};

describe("createAuthenticator", () => {
  it("regression: wrong keys pushed good ones out of the cache, so that good keys failed while the database was away", async () => {
    const { ask, setAnswer, clock } = start();
    await ask("good");
    for (let index = 0; index < 10_500; index += 1) await ask(`wrong-${index}`).catch(() => undefined);
    setAnswer(away);
    await clock.advance(60_000);
    expect(await ask("good")).toBe(record);
  });

  it("asks once for a key that many ask for at once, and not again for a wrong one within the time that answers are kept", async () => {
    const { ask, asked, clock } = start();
    await Promise.all(Array.from({ length: 20 }, () => ask("good")));
    expect(asked).toHaveLength(1);
    for (let index = 0; index < 3; index += 1) await expect(ask("wrong")).rejects.toMatchObject({ status: 401 });
    expect(asked).toHaveLength(2);
    await clock.advance(5_000);
    await expect(ask("wrong")).rejects.toMatchObject({ status: 401 });
    expect(asked).toHaveLength(3);
  });

  it("regression: a hung database let users wait although their key was known", async () => {
    const { ask, setAnswer, clock, asked } = start();
    await ask("good");
    await clock.advance(5_000);
    setAnswer(hang);
    const first = ask("good");
    expect(await ask("good")).toBe(record);
    await clock.advance(500);
    expect(await first).toBe(record);
    const before = clock.nowMs();
    for (let index = 0; index < 10; index += 1) {
      await clock.advance(5_000);
      expect(await ask("good")).toBe(record);
    }
    // Time passed only between the requests, not in them.
    expect(clock.nowMs() - before).toBe(50_000);
    expect(asked.length).toBeGreaterThan(5);
  });

  it("tells an unknown key to come back when the database hangs, after two seconds", async () => {
    const { ask, setAnswer, clock } = start();
    setAnswer(hang);
    const answer = ask("other").catch((error: unknown) => error);
    await clock.advance(2_000);
    expect(VisionError.isInstance(await answer, "STORE_UNREACHABLE")).toBe(true);
  });

  it("bounds what it asks a hanging database for", async () => {
    const { ask, setAnswer, asked, clock } = start();
    setAnswer(hang);
    const answers = Array.from({ length: 500 }, (_, index) => ask(`key-${index}`).catch((error: unknown) => error));
    await settle();
    expect(asked.length).toBe(64);
    await clock.advance(2_000);
    for (const answer of answers) expect(VisionError.isInstance(await answer, "STORE_UNREACHABLE")).toBe(true);
  });

  it("lets a revoked key die after the time that answers are kept", async () => {
    const { ask, setAnswer, clock } = start();
    await ask("good");
    setAnswer(async () => ({ ...record, revokedAtMs: 1 }));
    expect(await ask("good")).toBe(record);
    await clock.advance(5_000);
    await expect(ask("good")).rejects.toMatchObject({ status: 401 });
  });

  it("regression: a clock that was set back let a revoked key live until it had caught up", async () => {
    const { ask, setAnswer, clock } = start();
    await ask("good");
    setAnswer(async () => ({ ...record, revokedAtMs: 1 }));
    clock.stepWall(-3_600_000);
    await clock.advance(5_000);
    await expect(ask("good")).rejects.toMatchObject({ status: 401 });
  });

  it("lets strangers pay: who has no key, a wrong one, or one that is no key; a good one costs nothing", async () => {
    const { ask, askBare, strangers } = start();
    await ask("good");
    expect(strangers()).toBe(0);
    for (const authorization of [undefined, "Basic x", "Bearer wrong", `Bearer ${"x".repeat(300)}`]) {
      await expect(askBare(authorization)).rejects.toMatchObject({ status: 401 });
    }
    expect(strangers()).toBe(4);
  });

  it("looks nothing up for a stranger who has nothing left, and lets a good key pass from the same place", async () => {
    const { ask, asked } = start();
    await ask("good");
    const empty: StrangerBudget = {
      take() {
        throw new Error("nothing left");
      },
      giveBack: () => undefined,
    };
    await expect(ask("wrong", empty)).rejects.toThrow("nothing left");
    expect(await ask("good", empty)).toBe(record);
    expect(asked).toHaveLength(1);
  });
});
