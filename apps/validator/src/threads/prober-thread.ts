import { type Answer, getFamily, type Task } from "@vision/protocol";
import type { ClientFailure } from "@vision/sdk/client";
import type { AskedReply, MinerAsker } from "../exchange/index.js";
import type { ValidatorMetrics } from "../ports/index.js";
import { noteStandstill } from "../services/starvation-watch.js";
import type { Service } from "../services/supervise.js";
import { untilAborted } from "../services/until-aborted.js";
import { createRemoteCalls, type RemoteCalls } from "./calls-over-messages.js";
import type { LineEnd } from "./parts-line.js";
import type { FromProber, ProberCall, ProberReply, ProberThreadData, ToProber } from "./prober-messages.js";
import { createServiceThread, type ServiceThreadDependencies } from "./service-thread.js";
import type { FromThread } from "./thread-messages.js";

/** How the thread is started. */
export type ProberThreadOptions = { readonly moduleUrl: URL; readonly data: ProberThreadData };

/** What the prober's thread works with at the core's end. */
export type ProberThreadDependencies = ServiceThreadDependencies & {
  readonly metrics: Pick<ValidatorMetrics, "standstillSecondsTotal">;
  /** Its end of a line to the thread that wants the parts of users' answers; left out: they come to the core. */
  readonly line?: LineEnd | undefined;
};

/** The prober's thread, as the core sees it. */
export type ProberThread = MinerAsker &
  Service & {
    /** Resolves when it works; rejects when it cannot. */
    start(): Promise<void>;
    close(): Promise<void>;
  };

type Received = Exclude<FromProber, FromThread<null>>;
type Calls = RemoteCalls<ProberCall, ProberReply>;

/**
 * Miners are asked, and their answers read and timed, in a thread of its own: neither scoring, database and chain nor anything that users
 * send can make an answer look late, and no answer keeps the core from its work. What a thread that dies had under way is held against
 * nobody; what is asked while it is started again waits.
 */
export function createProberThread(options: ProberThreadOptions, dependencies: ProberThreadDependencies): ProberThread {
  const { line } = dependencies;
  const note = noteStandstill(dependencies.metrics);
  let calls: Calls | null = null;
  const waiting = new Set<() => void>();

  const thread = createServiceThread<ToProber, Received, null>(
    {
      ...{ name: "prober", moduleUrl: options.moduleUrl, workerData: () => options.data },
      connect(send) {
        const own: Calls = createRemoteCalls(send);
        return {
          onReady() {
            // Before the first call whose parts go by it.
            line?.onReady((port) => send({ kind: "line", port }, [port]));
            calls = own;
            for (const wake of [...waiting]) wake();
          },
          receive(message) {
            return message.kind === "standstill" ? note(message.standstill) : own.receive(message);
          },
          onEnded() {
            line?.onEnded();
            calls = null;
            own.abandon(new Error("the thread that asks miners ended"));
          },
        };
      },
    },
    dependencies,
  );

  /** The calls of a thread that works; null when the signal aborts before. */
  async function whenRunning(signal: AbortSignal): Promise<Calls | null> {
    while (calls === null && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
    return signal.aborted ? null : calls;
  }

  return {
    name: "prober-thread",
    // It stands still by itself; its own watch tells.
    run: untilAborted,
    async ask({ signal, onParts, direct, ...request }) {
      const running = await whenRunning(signal);
      if (running === null) return asFailed(cancelled, request.task.family);
      try {
        const reply = await running.call({ what: "answer", ...request, directId: direct?.id }, { signal, onParts });
        if (reply.what !== "answer") throw new TypeError("an answer was asked for");
        if (reply.sent !== undefined) direct?.onSent(reply.sent);
        return toAsked(reply);
      } catch (error) {
        return asFailed(failureOf(error), request.task.family);
      }
    },
    async getCapacities(target, request, { signal }) {
      const running = await whenRunning(signal);
      if (running === null) return cancelled;
      try {
        const reply = await running.call({ what: "capacities", target, request }, { signal });
        if (reply.what === "capacities") return reply.result;
        throw new TypeError("capacities were asked for");
      } catch (error) {
        return failureOf(error);
      }
    },
    start: async () => void (await thread.start()),
    close: () => thread.close(),
  };
}

const cancelled: ClientFailure = { ok: false, stage: "cancelled", blame: "nobody", reason: "cancelled by the caller", status: null };

function failureOf(error: unknown): ClientFailure {
  return { ok: false, stage: "request", blame: "validator", reason: error instanceof Error ? error.message : String(error), status: null };
}

function asFailed({ ok: _ok, ...failure }: ClientFailure, family: Task["family"]): AskedReply {
  const deliveredUnits = getFamily(family).isStreamable ? 0 : null;
  const nothing = { code: null, minerMessage: null, durationMs: 0, eventCount: 0, deliveredUnits } as const;
  return { reply: { outcome: "failed", ...failure, ...nothing }, requestName: null, wasDelayed: false, readAnswer: () => null };
}

function toAsked({ reply, requestName, wasDelayed, answer, shown }: Extract<ProberReply, { readonly what: "answer" }>): AskedReply {
  return { reply, requestName, wasDelayed, readAnswer: () => (answer === null ? null : (JSON.parse(answer) as Answer)), shown };
}
