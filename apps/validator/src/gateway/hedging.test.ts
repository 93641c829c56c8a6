import { afterEach, describe, expect, it } from "@jest/globals";
import { chatEvents, type FakeMiner } from "../testing/fake-exchange.js";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.js";
import { settle } from "../testing/manual-clock.js";

const chat = { model: "chat-tiny", messages: [{ role: "user", content: "hi" }], max_tokens: 20 };
const budgetMs = 400;
const saying =
  (...words: string[]): FakeMiner =>
  () => ({ events: chatEvents(words) });
const silent: FakeMiner = () => ({ end: "hang" });

let fixture: GatewayFixture;
afterEach(() => fixture.close());

async function start(miners: Readonly<Record<string, FakeMiner>>, hedgeFraction = 1) {
  fixture = await startGateway(miners, { options: { hedgeFraction } });
  fixture.setFirstTokenBudget(budgetMs);
  const key = await fixture.addKey();
  return (changes: Readonly<Record<string, unknown>> = {}) =>
    fetch(`${fixture.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ ...chat, ...changes }),
    });
}

async function untilAsked(count: number): Promise<void> {
  while (fixture.exchange.requests.length < count) await settle(1);
}

const asked = () => fixture.exchange.requests.map(({ target }) => target.hotkey);
const isCancelled = (index: number) => fixture.exchange.requests[index]?.signal.aborted;

/** A miner that says its first words at once, and the rest when it is told. */
function halting(first: readonly string[], rest: readonly string[]) {
  let goOn = () => {};
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const miner: FakeMiner = () => ({
    events: chatEvents([...first, ...rest]),
    pauseAfter: { events: 1 + first.length, until: told },
  });
  return { miner, goOn: () => goOn() };
}

describe("a late first token", () => {
  it.each([{ stream: true }, { stream: false }])(
    "makes a second miner be asked; its answer is taken and the first is cancelled: %j",
    async ({ stream }) => {
      const ask = await start({ a: silent, b: saying("Hello", " world") });
      const answer = ask({ stream });
      await untilAsked(1);
      await fixture.clock.advance(budgetMs - 1);
      expect(asked()).toEqual(["a"]);
      await fixture.clock.advance(1);
      const text = await (await answer).text();
      expect(text).toContain(stream ? '"content":" world"' : '"content":"Hello world"');
      expect(asked()).toEqual(["a", "b"]);
      expect([isCancelled(0), isCancelled(1)]).toEqual([true, false]);
      expect(fixture.metrics.values.get('gatewayHedgesTotal {"task":"chat-tiny","outcome":"won"}')).toBe(1);
    },
  );

  it("is no reason to ask twice once some of the answer is there", async () => {
    const { miner, goOn } = halting(["Hello"], [" there"]);
    const ask = await start({ a: miner, b: saying("Other") });
    const answer = ask({ stream: true });
    await untilAsked(1);
    await settle();
    await fixture.clock.advance(budgetMs * 10);
    goOn();
    expect(await (await answer).text()).toContain(" there");
    expect(asked()).toEqual(["a"]);
  });

  it("costs nothing where the first miner is first after all: the second is cancelled, and nothing is mixed", async () => {
    let begin = () => {};
    const told = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const a: FakeMiner = () => ({ events: chatEvents(["From", " a"]), pauseAfter: { events: 0, until: told } });
    const ask = await start({ a, b: silent });
    const answer = ask({ stream: true });
    await untilAsked(1);
    await fixture.clock.advance(budgetMs);
    await untilAsked(2);
    begin();
    expect(await (await answer).text()).toContain(" a");
    expect([isCancelled(0), isCancelled(1)]).toEqual([false, true]);
    expect(fixture.metrics.values.get('gatewayHedgesTotal {"task":"chat-tiny","outcome":"lost"}')).toBe(1);
  });

  it("goes on with the second miner where the first fails meanwhile, and asks a third where both do", async () => {
    let fail: (end: "failed") => void = () => {};
    const failing = new Promise<"failed">((resolve) => {
      fail = resolve;
    });
    const ask = await start({ a: () => ({ end: failing }), b: () => ({ end: failing }), c: saying("At", " last") });
    const answer = ask();
    await untilAsked(1);
    await fixture.clock.advance(budgetMs);
    await untilAsked(2);
    fail("failed");
    expect(await (await answer).json()).toMatchObject({ choices: [{ message: { content: "At last" } }] });
    expect(asked()).toEqual(["a", "b", "c"]);
  });

  it("asks no second miner beyond the share of requests that may have one", async () => {
    const ask = await start({ a: silent, b: saying("Hello") }, 0.05);
    const first = ask();
    await untilAsked(1);
    await fixture.clock.advance(budgetMs);
    expect((await first).status).toBe(200);
    const second = ask().catch(() => null);
    await untilAsked(3);
    await fixture.clock.advance(budgetMs * 20);
    expect(asked()).toEqual(["a", "b", "a"]);
    await fixture.close();
    await second;
  });

  it("is never noticed where it is not known how long one takes, or where hedges are switched off", async () => {
    const ask = await start({ a: silent, b: saying("Hello") }, 0);
    const waiting = ask().catch(() => null);
    await untilAsked(1);
    await fixture.clock.advance(budgetMs * 20);
    expect(asked()).toEqual(["a"]);
    await fixture.close();
    await waiting;
  });
});
