import { describe, expect, it } from "@jest/globals";
import { type AnswerPart, createRegistry } from "@vision/protocol";
import type { Exchange, ExchangeRequest, ExchangeResult } from "../exchange/exchange.js";
import { createExchangeHost, createRemoteExchange } from "./exchange-over-messages.js";

const task = createRegistry().get("chat-tiny");
if (task === undefined) throw new Error("no chat-tiny");
const anAsk = { target: { hotkey: "alice", host: "127.0.0.1", port: 1 }, task, request: { model: "chat-tiny" }, isOrganic: true };
const parts = (text: string): readonly AnswerPart[] => [{ kind: "text", text } as AnswerPart];

function aResult(changes: Partial<ExchangeResult> = {}): ExchangeResult {
  return {
    requestId: "r1",
    requestName: "0123456789abcdef",
    outcome: "ok",
    blame: "nobody",
    reason: null,
    answer: null,
    completedUnits: 3,
    reportedPromptTokens: null,
    firstTokenMs: 1,
    retryAfterMs: null,
    silentMs: null,
    durationMs: 2,
    wasDelayed: false,
    refusal: null,
    ...changes,
  };
}

/** Both ends, with everything between them copied as threads copy it. */
function connect(run: (request: ExchangeRequest) => Promise<ExchangeResult | null>) {
  const exchange: Exchange = { run };
  const remote = createRemoteExchange((message) => {
    host.receive(structuredClone(message));
  });
  const host = createExchangeHost(exchange, (message) => {
    remote.receive(structuredClone(message));
  });
  return { remote, host };
}

describe("createRemoteExchange and createExchangeHost", () => {
  it("hand over request and result, and that a miner has no room", async () => {
    const asked: ExchangeRequest[] = [];
    const results = [aResult(), null];
    const { remote } = connect(async (request) => {
      asked.push(request);
      return results.shift() ?? null;
    });
    const { signal } = new AbortController();
    expect(await remote.run({ ...anAsk, signal })).toEqual(aResult());
    expect(await remote.run({ ...anAsk, signal })).toBeNull();
    expect(asked[0]).toMatchObject(anAsk);
    expect(asked[0]?.onParts).toBeUndefined();
  });

  it("hand parts on in order; what a slow user keeps waiting goes on together, and the result comes last", async () => {
    const seen: string[] = [];
    const { remote } = connect(async ({ onParts }) => {
      for (const text of ["a", "b"]) {
        seen.push(`sent ${text}`);
        await onParts?.(parts(text));
      }
      return aResult({ completedUnits: 7 });
    });
    let release: () => void = () => undefined;
    let reached: () => void = () => undefined;
    const atFirst = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const running = remote.run({
      ...anAsk,
      signal: new AbortController().signal,
      async onParts([part]) {
        seen.push(`took ${(part as { readonly text: string }).text}`);
        if (seen.includes("took b")) return;
        reached();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      },
    });
    await atFirst;
    await new Promise(setImmediate);
    expect(seen.filter((each) => each.startsWith("took"))).toEqual(["took a"]);
    release();
    expect(await running).toMatchObject({ completedUnits: 7 });
    expect(seen.filter((each) => each.startsWith("took"))).toEqual(["took a", "took b"]);
  });

  it("end a request whose user can take no more", async () => {
    const { remote } = connect(async ({ onParts, signal }) => {
      await onParts?.(parts("a"));
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      const isLost = await Promise.resolve(onParts?.(parts("b"))).then(
        () => false,
        () => true,
      );
      return aResult({ outcome: isLost ? "failed" : "ok" });
    });
    const onParts = async () => {
      throw new Error("gone");
    };
    expect(await remote.run({ ...anAsk, signal: new AbortController().signal, onParts })).toMatchObject({
      outcome: "failed",
      blame: "nobody",
    });
  });

  it("abort the request when the user leaves, and when the other end is gone", async () => {
    const hang = ({ signal }: ExchangeRequest) =>
      new Promise<ExchangeResult>((resolve) => {
        signal.addEventListener("abort", () => resolve(aResult({ outcome: "failed", reason: "cancelled" })), { once: true });
      });
    const { remote, host } = connect(hang);
    const user = new AbortController();
    const left = remote.run({ ...anAsk, signal: user.signal });
    user.abort();
    expect(await left).toMatchObject({ reason: "cancelled" });
    const gone = remote.run({ ...anAsk, signal: new AbortController().signal });
    host.abandon();
    expect(await gone).toMatchObject({ reason: "cancelled" });
  });

  it("settle a refusal as the gateway says, and as nobody's where the gateway is gone before", async () => {
    const settled: string[] = [];
    let count = 0;
    const { remote, host } = connect(async () => {
      count += 1;
      const requestId = `r${count}`;
      return aResult({
        requestId,
        outcome: "failed",
        refusal: { reason: "too long", settle: (blame) => settled.push(`${requestId} ${blame}`) },
      });
    });
    const { signal } = new AbortController();
    const first = await remote.run({ ...anAsk, signal });
    await remote.run({ ...anAsk, signal });
    expect(first?.refusal?.reason).toBe("too long");
    first?.refusal?.settle("miner");
    first?.refusal?.settle("nobody");
    host.abandon();
    expect(settled).toEqual(["r1 miner", "r2 nobody"]);
  });

  it("reject with what went wrong at the other end", async () => {
    const { remote } = connect(async () => {
      throw new Error("no room in memory");
    });
    await expect(remote.run({ ...anAsk, signal: new AbortController().signal })).rejects.toThrow("no room in memory");
  });
});
