import { getFamily } from "@vision/protocol";
import type { Exchange, ExchangeRequest, ExchangeResult } from "../exchange/exchange.js";

/** What a fake miner does with a request. */
export type FakeMiner = (request: ExchangeRequest) => {
  /** Events of a streamed answer, JSON values; or one body. */
  readonly events?: Iterable<unknown>;
  readonly body?: unknown;
  /** Waits after so many events; a request that is aborted meanwhile ends. */
  readonly pauseAfter?: { readonly events: number; readonly until: Promise<unknown> };
  /** Said with `rateLimited`. */
  readonly retryAfterMs?: number;
  /** Instead of finishing after the events. `hang` waits until the request is aborted; `refused` says that the request is not valid. */
  readonly end?: FakeEnd | Promise<FakeEnd>;
};

type FakeEnd = "rateLimited" | "failed" | "hang" | "full" | "refused";

/** An exchange over fake miners by hotkey, with the real collectors of the families. Keeps what it was asked. */
export function fakeExchange(miners: Readonly<Record<string, FakeMiner>>): Exchange & {
  readonly requests: readonly ExchangeRequest[];
  readonly results: readonly ExchangeResult[];
  /** How refusals were settled, by hotkey, in order. */
  readonly settled: readonly (readonly [string, "miner" | "nobody"])[];
} {
  const requests: ExchangeRequest[] = [];
  const results: ExchangeResult[] = [];
  const settled = new Map<ExchangeRequest, "miner" | "nobody">();

  const ask = async (request: ExchangeRequest): Promise<ExchangeResult | null> => {
    const {
      events = [],
      body,
      retryAfterMs = null,
      end: ending,
      pauseAfter,
    } = miners[request.target.hotkey]?.(request) ?? { end: "failed" };
    const end = await ending;
    if (end === "full") return null;
    const family = getFamily(request.task.family);
    const collector = family.createCollector(request.request);
    let reportedPromptTokens: number | null = null;
    const finished = (changes: Partial<ExchangeResult>): ExchangeResult => ({
      requestId: `request-${requests.length}`,
      requestName: `name-${requests.length}`,
      outcome: "failed",
      blame: "miner",
      reason: "fake",
      answer: null,
      retryAfterMs: null,
      wasDelayed: false,
      silentMs: null,
      completedUnits: 0,
      reportedPromptTokens,
      firstTokenMs: 1,
      durationMs: 2,
      refusal: null,
      ...changes,
    });
    if (end === "rateLimited") return finished({ outcome: "rateLimited", retryAfterMs });
    if (end === "refused") {
      const settle = (blame: "miner" | "nobody") => {
        if (!settled.has(request)) settled.set(request, blame);
      };
      return finished({ blame: "nobody", refusal: { reason: `refused by ${request.target.hotkey}`, settle } });
    }
    const aborted = new Promise((resolve) => request.signal.addEventListener("abort", resolve, { once: true }));
    let said = 0;
    for (const event of events) {
      if (pauseAfter?.events === said) await Promise.race([pauseAfter.until, aborted]);
      said += 1;
      if (request.signal.aborted) return finished({ blame: "nobody", reason: "cancelled" });
      const added = collector.addEvent(event);
      if (!added.ok) return finished({ reason: added.reason });
      for (const part of added.parts) if (part.kind === "usage") reportedPromptTokens = part.promptTokens;
      try {
        if (added.parts.length > 0) await request.onParts?.(added.parts);
      } catch {
        return finished({ blame: "nobody", reason: "the answer could not be handed on" });
      }
    }
    if (end === "failed") return finished({});
    if (end === "hang") {
      if (!request.signal.aborted) await aborted;
      return finished({ blame: "nobody", reason: "cancelled" });
    }
    if (body !== undefined) {
      const added = collector.addBody(body);
      if (!added.ok) return finished({ reason: added.reason });
    }
    const finish = collector.finish();
    if (!finish.ok) return finished({ reason: finish.reason });
    const completedUnits = family.workUnits(request.request, finish.answer);
    return finished({ outcome: "ok", blame: "nobody", reason: null, answer: finish.answer, completedUnits });
  };

  return {
    requests,
    results,
    get settled() {
      return [...settled].map(([request, blame]) => [request.target.hotkey, blame] as const);
    },
    async run(request) {
      requests.push(request);
      const result = await ask(request);
      if (result !== null) results.push(result);
      return result;
    },
  };
}

/** Events of a chat answer, one a word, with logprobs and a usage event at the end, as model servers send them. */
export function chatEvents(
  words: readonly string[],
  usage = { prompt_tokens: 9, completion_tokens: words.length, total_tokens: 9 + words.length },
): readonly unknown[] {
  const chunk = (delta: unknown, rest: Readonly<Record<string, unknown>> = {}) => ({
    id: "miner-own-id",
    object: "chat.completion.chunk",
    created: 1,
    model: "miner-own-model",
    choices: [{ index: 0, delta, finish_reason: null, ...rest }],
  });
  return [
    chunk({ role: "assistant", content: "" }),
    ...words.map((word) =>
      chunk({ content: word }, { logprobs: { content: [{ token: word, logprob: -0.5, bytes: [...new TextEncoder().encode(word)] }] } }),
    ),
    chunk({}, { finish_reason: "stop" }),
    { id: "miner-own-id", object: "chat.completion.chunk", created: 1, model: "miner-own-model", choices: [], usage },
  ];
}

/** Events of a plain completion, one a word, with logprobs. */
export function completionEvents(words: readonly string[]): readonly unknown[] {
  return words.map((word, index) => ({
    id: "miner-own-id",
    object: "text_completion",
    created: 1,
    model: "miner-own-model",
    choices: [
      {
        index: 0,
        text: word,
        logprobs: { tokens: [word], token_logprobs: [-0.25], top_logprobs: null, text_offset: [0] },
        finish_reason: index === words.length - 1 ? "length" : null,
      },
    ],
  }));
}
