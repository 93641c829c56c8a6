import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import type { MinerResponse } from "@vision/sdk";
import type { BackendCall } from "@vision/sdk/backends";
import { createFakeBackend, fakeAnswer } from "@vision/sdk/testing";
import { ready } from "@vision/signing";
import { type FaultyWay, openFaultyWay } from "./fixtures/faulty-way.js";
import { type RealGateway, type RealGatewayOptions, startRealGateway } from "./fixtures/start-real-gateway.js";
import { until } from "./fixtures/until.js";

const ANSWER = "One two three four five six";
const chat = { model: "chat-tiny", messages: [{ role: "user", content: "Count" }], max_tokens: 40 };

let gateway: RealGateway | undefined;
let ways: FaultyWay[] = [];
/** Who is asked first: of two alike the request decides. */
let faulty: number | null = null;
beforeAll(() => ready());
afterEach(async () => {
  await gateway?.close();
  await Promise.all(ways.map((way) => way.close()));
  [ways, faulty] = [[], null];
});

/** What is left of the answer after what the request begins it with. */
function countOn(call: BackendCall) {
  const { messages = [] } = call.request as { readonly messages?: readonly { readonly role: string; readonly content: string }[] };
  const last = messages.at(-1);
  return fakeAnswer(call, last?.role === "assistant" ? ANSWER.slice(last.content.length) : ANSWER);
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<string, void> {
  yield* texts;
}

/** The first so many events of an answer, and then whatever comes. */
async function* begin(answer: MinerResponse, events: number, then: () => AsyncIterable<string>): AsyncGenerator<string, void> {
  if (typeof answer.body === "string") throw new TypeError("the answer is no stream");
  let count = 0;
  for await (const text of answer.body) {
    yield text;
    count += 1;
    if (count === events) break;
  }
  yield* then();
}

/** What the miner that is asked first makes of its answer. */
type Fault = (answer: MinerResponse) => MinerResponse;

const withBody = (answer: MinerResponse, body: AsyncIterable<string>, headers = {}): MinerResponse => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
  body,
});

/** Ends the connection in the place of the rest. */
async function* cut(): AsyncGenerator<string, void> {
  ways[faulty ?? 0]?.cut();
  yield "";
}

let sentBytes = 0;
async function* endless(): AsyncGenerator<string, void> {
  const text = `data: {"choices":[{"index":0,"delta":{"content":"${"a".repeat(60_000)}"}}]}\n\n`;
  for (sentBytes = 0; sentBytes < 1e9; sentBytes += text.length) yield text;
}

const sayNothing: Fault = (answer) => withBody(answer, pieces());

const faults: Readonly<Record<string, Fault>> = {
  "resets the connection before its answer": (answer) => withBody(answer, cut()),
  "resets the connection in the middle of it": (answer) => withBody(answer, begin(answer, 3, cut)),
  "sends less than the length that it names": (answer) =>
    withBody(
      answer,
      begin(answer, 3, () => pieces()),
      { "content-length": "100000" },
    ),
  "sends more than the length that it names": (answer) =>
    withBody(answer, answer.body as AsyncIterable<string>, { "content-length": "300" }),
  "sends a gigabyte": (answer) => withBody(answer, endless()),
  "sends what are no events": (answer) => withBody(answer, pieces("<html>", "\n\nnothing: here\n\n", "\0\0")),
  "sends events that are no JSON": (answer) => withBody(answer, pieces("data: {]\n\n", "data: [DONE]\n\n")),
  "ends in the middle": (answer) =>
    withBody(
      answer,
      begin(answer, 3, () => pieces()),
    ),
  "says nothing": sayNothing,
  "answers with an error": (answer) => ({ ...answer, status: 500, body: "out of order" }),
  "answers with JSON where a stream was asked for": (answer) => ({
    ...answer,
    headers: { "content-type": "application/json" },
    body: "{}",
  }),
};

async function start(fault: Fault, options: RealGatewayOptions = {}): Promise<RealGateway> {
  const backends = [createFakeBackend({ script: countOn }), createFakeBackend({ script: countOn })];
  gateway = await startRealGateway(backends, {
    changeAnswer(answer, index) {
      faulty ??= index;
      return index === faulty ? fault(answer) : answer;
    },
    async wayTo(port, index) {
      const way = await openFaultyWay(port);
      ways[index] = way;
      return way.port;
    },
    ...options,
  });
  return gateway;
}

/** What a user reads of a streamed answer. */
function readStream(text: string): { readonly words: string; readonly ends: readonly unknown[] } {
  const events = text.split("\n\n").filter((each) => each.startsWith("data: "));
  const last = events.pop();
  const chunks = events.map((each) => JSON.parse(each.slice("data: ".length)));
  const choices = chunks.flatMap((each) => each.choices ?? []);
  const words = choices.map((each) => each.delta.content ?? "").join("");
  return { words, ends: [...choices.map((each) => each.finish_reason).filter((each) => each !== null), last] };
}

describe("a miner beside a good one", () => {
  it.each(Object.entries(faults))("that %s: the user reads one whole answer, and only that miner is blamed", async (_what, fault) => {
    const { post, results } = await start(fault);
    const streamed = await post("/v1/chat/completions", { ...chat, stream: true });
    expect(streamed.status).toBe(200);
    expect(readStream(await streamed.text())).toEqual({ words: ANSWER, ends: ["stop", "data: [DONE]"] });
    expect(results.map(({ outcome, blame }) => `${outcome} ${blame}`)).toEqual(["failed miner", "ok nobody"]);

    const whole = await post("/v1/chat/completions", chat);
    expect(whole.status).toBe(200);
    expect(await whole.json()).toMatchObject({ choices: [{ message: { content: ANSWER }, finish_reason: "stop" }] });
  });

  it("that sends a gigabyte is read no further than an answer may be long", async () => {
    const { post } = await start((answer) => withBody(answer, endless()));
    expect((await post("/v1/chat/completions", chat)).status).toBe(200);
    expect(sentBytes).toBeLessThan(20e6);
  });

  it("that names another model: the user is told of the one that was asked", async () => {
    const rename = async function* (body: AsyncIterable<string>) {
      for await (const text of body) yield text.replaceAll(/"model":"[^"]*"/g, '"model":"cheaper"');
    };
    const { post } = await start((answer) => withBody(answer, rename(answer.body as AsyncIterable<string>)));
    expect(await (await post("/v1/chat/completions", chat)).json()).toMatchObject({ model: "chat-tiny" });
  });
});

describe("where all miners of a task are away", () => {
  it("a user is told so, and when to come again once nobody is left to ask", async () => {
    const { post, board } = await start(sayNothing, { changeAnswer: sayNothing });
    const failed = await post("/v1/chat/completions", chat);
    expect(failed.status).toBe(502);
    expect(await failed.json()).toMatchObject({ error: { code: "backend_failed" } });
    board.startPeriod(2, []);
    const refused = await post("/v1/chat/completions", chat);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: "no_capacity" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("1,000 users who leave when they like", () => {
  it("leave nothing behind, and no miner is blamed", async () => {
    const leaving = createSeededRandom("leaving", []);
    const script = async function* (call: BackendCall) {
      for await (const step of countOn(call)) {
        yield step;
        await sleep(2);
      }
    };
    const backends = [createFakeBackend({ script }), createFakeBackend({ script })];
    gateway = await startRealGateway(backends);
    const { post, results } = gateway;
    let asked = 0;
    const statuses = new Map<string, number>();
    const user = async () => {
      while (asked < 1_000) {
        asked += 1;
        const stop = new AbortController();
        const ask = async () => {
          const response = await post("/v1/chat/completions", { ...chat, stream: true }, { signal: stop.signal });
          await response.text();
          return String(response.status);
        };
        const timer = setTimeout(() => stop.abort(), leaving.next() * 40);
        const status = await ask().catch(() => "left");
        clearTimeout(timer);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 16 }, user));
    await until("the end of all work", () => backends.every(({ activeCalls }) => activeCalls === 0));
    expect(statuses.get("left")).toBeGreaterThan(100);
    expect(results.filter(({ blame }) => blame === "miner")).toEqual([]);
    const whole = await post("/v1/chat/completions", chat);
    expect(await whole.json()).toMatchObject({ choices: [{ message: { content: ANSWER } }] });
  });
});
