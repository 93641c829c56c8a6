import { request as sendRequest } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { VisionError } from "@vision/protocol";
import OpenAI from "openai";
import type { UsageWrite } from "../ports/index.js";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { createManualClock, settle } from "../testing/manual-clock.js";
import { createMemoryStore } from "../testing/memory-store.js";

/** Four tokens, hence four work units. */
const words = ["One", " two", " three", " four"];
const answering: FakeMiner = () => ({ events: chatEvents(words) });
const chat = { model: "chat-tiny", messages: [{ role: "user" as const, content: "hi" }], max_tokens: 20 };

const running: GatewayFixture[] = [];
afterEach(async () => {
  for (const fixture of running.splice(0)) await fixture.close();
});

async function start(miner: FakeMiner = answering, options: Parameters<typeof startGateway>[1] = {}) {
  const fixture = await startGateway({ alice: miner }, options);
  running.push(fixture);
  return fixture;
}

const clientOf = ({ url }: GatewayFixture, apiKey: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey });
const askedOf = ({ exchange }: GatewayFixture) => exchange.requests.length;
const chargedTo = async ({ store }: Pick<GatewayFixture, "store">, keyId = "key-0") =>
  (await store.getCharges([keyId], 0)).map(({ totalUnits }) => totalUnits)[0] ?? 0;
const flush = async ({ clock }: GatewayFixture, afterMs = 500) => {
  await clock.advance(afterMs);
  await settle();
};

async function ask({ url }: GatewayFixture, key: string, changes: object = {}) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ ...chat, ...changes }),
  });
  const text = await response.text();
  const body = text.startsWith("{") ? JSON.parse(text) : {};
  return { status: response.status, code: body.error?.code, headers: response.headers, message: body.error?.message };
}

/** Asks until it is not answered; returns how often it was, and the refusal. */
async function askUntilRefused(fixture: GatewayFixture, key: string) {
  for (let answered = 0; ; answered += 1) {
    const asked = await ask(fixture, key);
    if (asked.status !== 200) return { answered, ...asked };
  }
}

describe("a key with a budget", () => {
  it("is refused as OpenAI refuses once its units are used up, and OpenAI's client does not ask again by itself", async () => {
    const fixture = await start();
    const key = await fixture.addKey({ paidUnits: 9 });
    const openai = clientOf(fixture, key);
    for (let index = 0; index < 3; index += 1) expect((await openai.chat.completions.create(chat)).choices).toHaveLength(1);
    const refused = await openai.chat.completions.create(chat).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
    expect(refused).toMatchObject({ status: 429, code: "insufficient_quota", type: "insufficient_quota" });
    expect(askedOf(fixture)).toBe(3);
    const route = "/v1/chat/completions";
    expect(fixture.metrics.values.get(`gatewayRequestsTotal ${JSON.stringify({ route, status: "429" })}`)).toBe(1);
    await flush(fixture);
    expect(await chargedTo(fixture)).toBe(12);
  });

  it("begins anew with the month, is told when, and is refused again where the clock is set back", async () => {
    const fixture = await start();
    const { clock } = fixture;
    await clock.advance(Date.parse("2026-11-30T23:59:00Z") - clock.nowMs());
    const key = await fixture.addKey({ monthlyUnits: 8 });
    const { answered, code, headers, message } = await askUntilRefused(fixture, key);
    expect({ answered, code, retry: headers.get("x-should-retry"), after: headers.get("retry-after") }).toEqual({
      ...{ answered: 2, code: "insufficient_quota", retry: "false", after: "60" },
    });
    expect(message).toContain("2026-12-01");
    await flush(fixture, 60_000);
    expect(await askUntilRefused(fixture, key)).toMatchObject({ answered: 2, code: "insufficient_quota" });
    await flush(fixture);
    expect(await fixture.store.getCharges(["key-0"], 682)).toEqual([{ keyId: "key-0", monthUnits: 8, totalUnits: 16 }]);
    const { nowMs } = clock;
    clock.nowMs = () => nowMs() - 2_000;
    expect(await ask(fixture, key)).toMatchObject({ code: "insufficient_quota" });
    clock.nowMs = nowMs;
  });

  it("is refused before anything of its body is read", async () => {
    const fixture = await start();
    const key = await fixture.addKey({ monthlyUnits: 0 });
    const status = await new Promise((resolve, reject) => {
      const request = sendRequest(`${fixture.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "content-length": 1_000 },
      });
      request.on("error", reject);
      request.on("response", (response) => {
        request.destroy();
        resolve(response.statusCode);
      });
      request.flushHeaders();
    });
    expect(status).toBe(429);
  });

  it("opens 500 streams at once with one unit left: one is let in, the others may come again", async () => {
    let go: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    const fixture = await start(() => ({ events: chatEvents(words), pauseAfter: { events: 2, until } }));
    const key = await fixture.addKey({ paidUnits: 1 });
    const all = Promise.all(Array.from({ length: 500 }, () => ask(fixture, key, { stream: true })));
    const counted = () => fixture.metrics.values.get('gatewayRequestsTotal {"route":"/v1/chat/completions","status":"429"}') ?? 0;
    while (counted() + askedOf(fixture) < 500) await settle();
    go();
    const answers = await all;
    const refused = answers.filter(({ status }) => status === 429);
    expect({ asked: askedOf(fixture), refused: refused.length }).toEqual({ asked: 1, refused: 499 });
    expect(new Set(refused.map(({ code, headers }) => `${code} ${headers.get("retry-after")} ${headers.get("x-should-retry")}`))).toEqual(
      new Set(["rate_limit_exceeded 1 null"]),
    );
    expect(await ask(fixture, key)).toMatchObject({ status: 429, code: "insufficient_quota" });
    await flush(fixture);
    expect(await chargedTo(fixture)).toBe(4);
  });

  it("holds the most that a request may take, and gives back what it did not", async () => {
    let go: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    const fixture = await start(() => ({ events: chatEvents(words), pauseAfter: { events: 2, until } }));
    const key = await fixture.addKey({ paidUnits: 60 });
    const three = [1, 2, 3].map(() => ask(fixture, key));
    while (askedOf(fixture) < 3) await settle();
    expect(await ask(fixture, key)).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    go();
    expect((await Promise.all(three)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await ask(fixture, key)).toMatchObject({ status: 200 });
  });

  it("is charged what it was sent of a stream that it left or that broke off, and nothing for what failed", async () => {
    const endings = ["failed", "hang"] as const;
    let end: (typeof endings)[number] | undefined = "failed";
    let count = 0;
    const fixture = await start(() => ({ events: chatEvents(words).slice(0, count), ...(end === undefined ? {} : { end }) }));
    const key = await fixture.addKey({ paidUnits: 1_000 });
    expect(await ask(fixture, key)).toMatchObject({ status: 502 });
    count = 3;
    expect(await ask(fixture, key)).toMatchObject({ status: 502 });
    await flush(fixture);
    expect(await chargedTo(fixture)).toBe(0);
    expect(await ask(fixture, key, { stream: true })).toMatchObject({ status: 200 });
    await flush(fixture);
    expect(await chargedTo(fixture)).toBe(2);
    end = "hang";
    count = 4;
    const stream = await clientOf(fixture, key).chat.completions.create({ ...chat, stream: true });
    let seen = 0;
    for await (const _ of stream) {
      seen += 1;
      if (seen === 4) break;
    }
    while ((await chargedTo(fixture)) === 2) await flush(fixture);
    expect(await chargedTo(fixture)).toBe(5);
  });

  it("goes on while the database is away, until its units are used up by what the gateway counts itself, and is charged once", async () => {
    const fixture = await start();
    const { store } = fixture;
    const key = await fixture.addKey({ paidUnits: 17 });
    expect(await ask(fixture, key)).toMatchObject({ status: 200 });
    await flush(fixture);
    const { addUsage } = store;
    // Written, and nobody learns it.
    store.addUsage = async (...given) => {
      await addUsage(...given);
      throw new VisionError({ code: "STORE_UNREACHABLE", message: "the answer was lost" });
    };
    expect(await ask(fixture, key)).toMatchObject({ status: 200 });
    await flush(fixture);
    store.setUnreachable(true);
    await flush(fixture, 60_000);
    expect(await askUntilRefused(fixture, key)).toMatchObject({ answered: 3, code: "insufficient_quota" });
    await flush(fixture, 60_000);
    store.setUnreachable(false);
    store.addUsage = addUsage;
    await flush(fixture);
    expect(await chargedTo(fixture)).toBe(20);
    await store.addCredit("key-0", { units: 4 }, { who: "a test", nowMs: 1 });
    await flush(fixture, 6_000);
    // After an outage the key is looked up beside the first request, which does not wait for it.
    await ask(fixture, key);
    await settle();
    expect(await askUntilRefused(fixture, key)).toMatchObject({ answered: 1, code: "insufficient_quota" });
  });

  it("is not let in where nobody can say what it has left", async () => {
    const fixture = await start();
    const key = await fixture.addKey({ monthlyUnits: 100 });
    const { getCharges } = fixture.store;
    fixture.store.getCharges = () => Promise.reject(new VisionError({ code: "STORE_UNREACHABLE", message: "away" }));
    expect(await ask(fixture, key)).toMatchObject({ status: 503, code: "overloaded" });
    fixture.store.getCharges = getCharges;
    expect(await ask(fixture, key)).toMatchObject({ status: 200 });
  });

  it("that is revoked is no good whatever is left of its credit", async () => {
    const fixture = await start();
    const key = await fixture.addKey({ paidUnits: 1_000 });
    await fixture.store.revokeApiKey("key-0", { who: "a test", nowMs: 1 });
    expect(await ask(fixture, key)).toMatchObject({ status: 401 });
    expect(await fixture.store.addCredit("key-0", { units: 5 }, { who: "a test", nowMs: 2 })).toBe("noKey");
  });
});

describe("a key with a budget at two gateways", () => {
  const startTwo = async (miner: FakeMiner = answering) => {
    const shared = { store: createMemoryStore(), clock: createManualClock() };
    const [one, two] = [await start(miner, shared), await start(miner, shared)];
    const exchange = () => {
      const said = new Map([one, two].map(({ gateway }, index) => [`gateway ${index}`, gateway.keyUses.ownUses()]));
      one.gateway.keyUses.noteOthers(new Map([...said].filter(([name]) => name !== "gateway 0")));
      two.gateway.keyUses.noteOthers(new Map([...said].filter(([name]) => name !== "gateway 1")));
    };
    return { one, two, exchange, ...shared };
  };

  it("is refused at both soon after what is left was used at one, with nothing between them but the database", async () => {
    const { one, two } = await startTwo();
    const key = await one.addKey({ paidUnits: 20 });
    expect([await ask(one, key), await ask(two, key)]).toMatchObject([{ status: 200 }, { status: 200 }]);
    await flush(one);
    await flush(one, 1_000);
    // What is known is a second old: the answer to the question that this one makes is for the next.
    expect(await ask(two, key)).toMatchObject({ status: 200 });
    expect(await askUntilRefused(one, key)).toMatchObject({ answered: 3 });
    await flush(one);
    await flush(one, 1_000);
    await ask(two, key);
    await settle();
    expect(await ask(two, key)).toMatchObject({ status: 429, code: "insufficient_quota" });
  });

  it("has what is under way at one held at the other, as soon as that is told", async () => {
    let go: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { one, two, exchange } = await startTwo(() => ({ events: chatEvents(words), pauseAfter: { events: 2, until } }));
    const key = await one.addKey({ paidUnits: 20 });
    const first = ask(one, key);
    while (askedOf(one) < 1) await settle();
    exchange();
    expect(await ask(two, key)).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    go();
    expect(await first).toMatchObject({ status: 200 });
    await flush(one);
    exchange();
    expect(await ask(two, key)).toMatchObject({ status: 200 });
  });
});

describe("what keys used when a gateway ends while the database is away", () => {
  it("is kept for the next one, which charges it once, however often it is read", async () => {
    const shared = { store: createMemoryStore(), clock: createManualClock() };
    const kept: UsageWrite[] = [];
    let isCleared = false;
    const usageSpool = {
      save: (write: UsageWrite) => void kept.push(write),
      read: () => [...kept],
      clear: () => {
        isCleared = true;
      },
    };
    const first = await start(answering, { ...shared, usageSpool });
    const key = await first.addKey({ paidUnits: 100 });
    const { addUsage } = shared.store;
    shared.store.addUsage = async (...given) => {
      await addUsage(...given);
      throw new VisionError({ code: "STORE_UNREACHABLE", message: "the answer was lost" });
    };
    await ask(first, key);
    await flush(first);
    await ask(first, key);
    shared.store.setUnreachable(true);
    await first.close();
    expect(kept.map(({ sequence, uses }) => [sequence, uses.map(({ units }) => units)])).toEqual([
      [1, [4]],
      [2, [4]],
    ]);
    const second = await start(answering, { ...shared, usageSpool });
    await flush(second);
    expect(isCleared).toBe(false);
    shared.store.setUnreachable(false);
    shared.store.addUsage = addUsage;
    await flush(second);
    expect({ isCleared, charged: await chargedTo(shared) }).toEqual({ isCleared: true, charged: 8 });
    // Its file could not be deleted.
    await start(answering, { ...shared, usageSpool });
    await settle();
    expect(await chargedTo(shared)).toBe(8);
  });
});
