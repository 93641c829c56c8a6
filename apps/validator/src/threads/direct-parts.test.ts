import { MessageChannel } from "node:worker_threads";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type AnswerPart, createRegistry } from "@vision/protocol";
import type { ExchangeRequest, ExchangeResult } from "../exchange/exchange.js";
import type { AskRequest } from "../exchange/index.js";
import { settle } from "../testing/manual-clock.js";
import { createExchangeHost, createRemoteExchange } from "./exchange-over-messages.js";
import { createPartsSender } from "./parts-sender.js";

const task = createRegistry().get("chat-tiny");
if (task === undefined) throw new Error("no chat-tiny");
const anAsk = { target: { hotkey: "alice", host: "127.0.0.1", port: 1 }, task, request: { model: "chat-tiny" }, isOrganic: true };
const text = (value: string): readonly AnswerPart[] => [{ kind: "text", text: value }];
const textOf = (parts: readonly AnswerPart[]) => parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
const { signal } = new AbortController();

const aResult: ExchangeResult = {
  ...{ requestId: "r1", requestName: null, outcome: "ok", blame: "nobody", reason: null, answer: null, completedUnits: 3 },
  ...{ reportedPromptTokens: null, firstTokenMs: 1, retryAfterMs: null, silentMs: null, durationMs: 2, wasDelayed: false, refusal: null },
};

type Asked = { readonly signal: AbortSignal; readonly onParts: NonNullable<AskRequest["onParts"]> };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/**
 * The three ends. Calls and results cross at once and parts by a port, one turn later at least: every result would overtake them.
 *
 * @param read - Reads the miner's answer.
 */
function setUp(read: (asked: Asked) => Promise<ExchangeResult>, hasLine = true) {
  const sender = createPartsSender();
  const { port1, port2 } = new MessageChannel();
  closers.push(() => port1.close());
  const throughCore: string[] = [];
  const run = async ({ signal: stop, onParts, direct }: ExchangeRequest) => {
    if (direct === undefined) return read({ signal: stop, onParts: onParts ?? (() => undefined) });
    const ask = (onRead: AskRequest["onParts"]) => read({ signal: stop, onParts: onRead ?? (() => undefined) });
    const { asked, sent } = await sender.carry({ id: direct.id, signal: stop, ask });
    direct.onSent(sent);
    return asked;
  };
  const remote = createRemoteExchange((message) => host.receive(message));
  const host = createExchangeHost(
    { run },
    (message) => {
      throughCore.push(message.kind);
      remote.receive(message);
    },
    () => hasLine,
  );
  sender.follow(port1);
  remote.follow(port2);
  return { remote, host, throughCore };
}

/** Lets messages by a port arrive, however many there are. */
const arrive = () => settle(20);

describe("parts of an answer that go past the core", () => {
  it.each([
    ["all of them by the line", () => new Promise<void>((resolve) => process.nextTick(resolve))],
    ["the last ones with the result", async () => undefined],
  ])("all come before a result that overtakes them, in order: %s", async (_how, leave) => {
    const words = Array.from({ length: 30 }, (_, index) => `${index} `);
    const { remote, throughCore } = setUp(async ({ onParts }) => {
      for (const [index, word] of words.entries()) {
        await onParts(text(word));
        if (index % 3 === 0 && index < 20) await settle(1);
      }
      await leave();
      return aResult;
    });
    const seen: string[] = [];
    const onParts = async (parts: readonly AnswerPart[]) => {
      await settle(1);
      seen.push(textOf(parts));
    };
    const result = await remote.run({ ...anAsk, signal, onParts });
    expect(result).toEqual(aResult);
    expect(seen).toEqual(words);
    expect(throughCore).toEqual(["result"]);
  });

  it("go through the core where there is no line", async () => {
    const read = async ({ onParts }: Asked) => {
      await onParts(text("a"));
      await arrive();
      return aResult;
    };
    const { remote, throughCore } = setUp(read, false);
    const seen: string[] = [];
    await remote.run({ ...anAsk, signal, onParts: (parts) => void seen.push(textOf(parts)) });
    expect([seen, throughCore]).toEqual([["a"], ["parts", "result"]]);
  });

  it("hold a miner back that runs ahead of a slow user, and go on when the user does", async () => {
    let read = 0;
    const { remote } = setUp(async ({ onParts }) => {
      for (; read < 200; read += 1) {
        await onParts(text(`${read} `));
        await settle(1);
      }
      return aResult;
    });
    let go: () => void = () => undefined;
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    let seen = "";
    const running = remote.run({
      ...{ ...anAsk, signal },
      async onParts(parts) {
        await wait;
        seen += textOf(parts);
      },
    });
    await settle(600);
    // Eight messages under way, the last of them waited for, and what may wait besides.
    expect(read).toBe(8 + 64 - 1);
    go();
    await running;
    expect(seen).toBe(Array.from({ length: 200 }, (_, index) => `${index} `).join(""));
  });

  /** Sends without an end, until it is refused; says how it ended. */
  const endless = async ({ signal: stop, onParts }: Asked): Promise<ExchangeResult> => {
    try {
      for (;;) {
        await onParts(text("more "));
        await settle(1);
      }
    } catch {
      return { ...aResult, outcome: "failed", reason: stop.aborted ? "cancelled" : "refused" };
    }
  };

  it("end when the user leaves, or can take no more, and with the gateway's thread", async () => {
    const { remote, host } = setUp(endless);
    const user = new AbortController();
    const leaving = remote.run({ ...anAsk, signal: user.signal, onParts: () => user.abort() });
    expect(await leaving).toMatchObject({ outcome: "failed", reason: "cancelled" });
    const onParts = () => {
      throw new Error("gone");
    };
    expect(await remote.run({ ...anAsk, signal, onParts })).toMatchObject({ outcome: "failed", blame: "nobody", reason: "cancelled" });
    const dying = remote.run({ ...anAsk, signal, onParts: () => host.abandon() });
    expect(await dying).toMatchObject({ outcome: "failed", reason: "cancelled" });
  });

  it("are waited for by no result that tells of their sender's end, and come to nobody after it", async () => {
    const { port1, port2 } = new MessageChannel();
    closers.push(() => port1.close());
    const remote = createRemoteExchange(() => undefined);
    remote.follow(port2);
    const seen: string[] = [];
    let go: () => void = () => undefined;
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    const running = remote.run({
      ...{ ...anAsk, signal },
      async onParts(parts) {
        seen.push(textOf(parts));
        await wait;
      },
    });
    const send = (value: string) =>
      port1.postMessage([{ kind: "parts", id: 1, events: JSON.stringify([text(value)]), isTakenTold: false }]);
    send("a");
    await arrive();
    const { refusal: _, ...failed } = { ...aResult, outcome: "failed" as const };
    remote.receive({ kind: "result", id: 1, sent: { messageCount: 0, rest: "" }, result: { ...failed, refusalReason: null } });
    send("b");
    await arrive();
    go();
    expect(await running).toMatchObject({ outcome: "failed" });
    expect(seen).toEqual(["a"]);
  });

  it("come whole from a line whose sender was gone before they were read", async () => {
    const { port1, port2 } = new MessageChannel();
    const remote = createRemoteExchange(() => undefined);
    const seen: string[] = [];
    const running = remote.run({ ...anAsk, signal, onParts: (parts) => void seen.push(textOf(parts)) });
    for (const value of ["a", "b"]) {
      port1.postMessage([{ kind: "parts", id: 1, events: JSON.stringify([text(value)]), isTakenTold: false }]);
    }
    port1.close();
    const { refusal: _, ...result } = aResult;
    remote.receive({
      kind: "result",
      id: 1,
      sent: { messageCount: 2, rest: JSON.stringify([text("c")]) },
      result: { ...result, refusalReason: null },
    });
    await arrive();
    remote.follow(port2);
    expect(await running).toEqual(aResult);
    expect(seen).toEqual(["a", "b", "c"]);
  });
});
