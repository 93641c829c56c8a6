import { PROTOCOL_VERSION, parseCapacities, type Task } from "@vision/protocol";
import type { Blame, FailureStage, MinerClient, MinerReply, MinerTarget, SendOptions } from "@vision/sdk/client";
import type { Clock } from "../ports/index.js";

/** How a fake miner behaves. */
export type FakeMinerBehaviour = {
  /** What it sends as capacities; may be anything. An Error: it cannot be asked, and the miner is to blame. */
  readonly capacities: Readonly<Record<string, unknown>> | Error;
  /** What becomes of a request; default: answered. */
  readonly answer?: (request: Readonly<Record<string, unknown>>, task: Task) => FakeAnswer;
  /** How long an answer takes, milliseconds. Default 100, the first token after a quarter of it. */
  readonly durationMs?: number;
};

/** What becomes of a request to a fake miner; `delta` is sent before the tokens of a chat. */
export type FakeAnswer =
  | { readonly kind: "ok"; readonly tokens: readonly string[]; readonly delta?: Readonly<Record<string, unknown>> }
  | { readonly kind: "rateLimited" }
  | {
      readonly kind: "failed";
      readonly blame: Blame;
      readonly stage?: FailureStage;
      readonly reason?: string;
      readonly status?: number;
      readonly code?: string;
      readonly minerMessage?: string;
    };

/** One request as a fake miner got it. */
export type SentRequest = {
  readonly target: MinerTarget;
  readonly task: Task;
  readonly request: Readonly<Record<string, unknown>>;
  readonly atMs: number;
};

/** A client whose miners are functions. */
export type FakeMinerClient = Pick<MinerClient, "send" | "getCapacities"> & { readonly sent: readonly SentRequest[] };

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** A client for the miners by hotkey; unknown ones cannot be reached. Time passes on the clock given. */
export function createFakeMinerClient(miners: ReadonlyMap<string, FakeMinerBehaviour>, clock: Clock): FakeMinerClient {
  const sent: SentRequest[] = [];

  async function send(target: MinerTarget, options: SendOptions): Promise<MinerReply> {
    const { task, request, signal } = options;
    const startedAtMs = clock.monotonicMs();
    sent.push({ target, task, request, atMs: clock.nowMs() });
    const miner = miners.get(target.hotkey);
    const fail = (stage: FailureStage, blame: Blame, reason: string): MinerReply => ({
      ...{ kind: "failed", stage, blame, reason, status: null, startedAtMs },
      endedAtMs: clock.monotonicMs(),
    });
    if (miner === undefined) return fail("connection", "miner", "connection failed");
    try {
      await clock.sleep(miner.durationMs ?? 100, signal ?? new AbortController().signal);
    } catch {
      return fail("cancelled", "nobody", "cancelled");
    }
    const answer = miner.answer?.(request, task) ?? { kind: "ok", tokens: ["The", " end", "."] };
    const endedAtMs = clock.monotonicMs();
    switch (answer.kind) {
      case "failed":
        return {
          ...{
            kind: "failed",
            stage: answer.stage ?? (answer.status === undefined ? "content" : "status"),
            blame: answer.blame,
            reason: answer.reason ?? "broken",
            status: answer.status ?? null,
            startedAtMs,
            endedAtMs,
          },
          ...(answer.code === undefined ? {} : { code: answer.code }),
          ...(answer.minerMessage === undefined ? {} : { minerMessage: answer.minerMessage }),
        };
      case "rateLimited":
        return { kind: "rateLimited", retryAfterMs: null, startedAtMs, endedAtMs };
      case "ok":
        if (!options.isStream) return { kind: "body", body: { data: [{ b64_json: pixel }] }, startedAtMs, receivedAtMs: endedAtMs };
        return streamReply(task, answer, { startedAtMs, endedAtMs });
    }
  }

  return {
    sent,
    send,
    async getCapacities(target, request) {
      const miner = miners.get(target.hotkey);
      if (miner === undefined || miner.capacities instanceof Error) {
        return { ok: false, stage: "connection", blame: "miner", reason: "connection failed", status: null };
      }
      const capacities = parseCapacities({ capacities: miner.capacities }, request.tasks);
      return { ok: true, protocolVersion: PROTOCOL_VERSION, capacities };
    },
  };
}

function streamReply(
  task: Task,
  { tokens, delta }: Extract<FakeAnswer, { readonly kind: "ok" }>,
  times: { readonly startedAtMs: number; readonly endedAtMs: number },
): MinerReply {
  const { startedAtMs, endedAtMs } = times;
  const isChat = task.family === "chat-completions";
  const entry = (token: string) => ({ token, logprob: -0.5, bytes: [...new TextEncoder().encode(token)] });
  const choice = (token: string) =>
    isChat
      ? { index: 0, delta: { content: token }, logprobs: { content: [entry(token)] }, finish_reason: null }
      : { index: 0, text: token, logprobs: { tokens: [token], token_logprobs: [-0.5] }, finish_reason: null };
  const last = isChat ? { index: 0, delta: {}, finish_reason: "stop" } : { index: 0, text: "", finish_reason: "stop" };
  const first = delta === undefined ? [] : [{ index: 0, delta, finish_reason: null }];
  const events = [...first, ...tokens.map(choice), last].map((each) => JSON.stringify({ choices: [each] }));
  let isDone = false;
  const stepMs = (endedAtMs - startedAtMs) / events.length;
  async function* iterate() {
    for (const [index, data] of events.entries()) yield { data, receivedAtMs: startedAtMs + stepMs * (index + 1) };
    isDone = true;
  }
  return {
    kind: "stream",
    status: 200,
    startedAtMs,
    events: iterate(),
    getEnd: () => (isDone ? { ok: true } : null),
    noteContent: () => {},
    noteComplete: () => {},
    cancel: () => {
      isDone = true;
    },
  };
}
