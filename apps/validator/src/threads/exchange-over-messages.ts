import type { AnswerPart } from "@vision/protocol";
import type { Exchange, ExchangeResult } from "../exchange/exchange.js";
import type { FromGateway, SharedError, SharedResult, ToGateway } from "./gateway-messages.js";

type Answer = Extract<ToGateway, { readonly id: number }>;

/** The gateway's end of an exchange that runs in another thread. */
export type RemoteExchange = Exchange & {
  /** Hands over what the other end sent. */
  receive(message: Answer): void;
};

type Pending = {
  readonly onParts: ((parts: readonly AnswerPart[]) => void | Promise<void>) | undefined;
  readonly resolve: (result: ExchangeResult | null) => void;
  readonly reject: (error: unknown) => void;
};

/** An {@link Exchange} whose requests are made at the other end of the messages. */
export function createRemoteExchange(send: (message: FromGateway) => void): RemoteExchange {
  const pending = new Map<number, Pending>();
  let lastId = 0;

  function toResult({ refusalReason, ...result }: SharedResult): ExchangeResult {
    if (refusalReason === null) return { ...result, refusal: null };
    const settle = (blame: "miner" | "nobody") => send({ kind: "settle", requestId: result.requestId, blame });
    return { ...result, refusal: { reason: refusalReason, settle } };
  }

  return {
    run({ signal, onParts, ...request }) {
      lastId += 1;
      const id = lastId;
      return new Promise<ExchangeResult | null>((resolve, reject) => {
        const cancel = () => send({ kind: "cancel", id });
        const settled = () => {
          pending.delete(id);
          signal.removeEventListener("abort", cancel);
        };
        pending.set(id, {
          onParts,
          resolve: (result) => {
            settled();
            resolve(result);
          },
          reject: (error) => {
            settled();
            reject(error);
          },
        });
        send({ kind: "run", id, ...request, isStreamed: onParts !== undefined });
        if (signal.aborted) cancel();
        else signal.addEventListener("abort", cancel, { once: true });
      });
    },
    receive(message) {
      const waiting = pending.get(message.id);
      if (waiting === undefined) return;
      if (message.kind === "result") return waiting.resolve(message.result === null ? null : toResult(message.result));
      if (message.kind === "broken") return waiting.reject(new Error(message.error.message));
      const { id } = message;
      Promise.resolve(message.parts)
        .then((parts) => waiting.onParts?.(parts))
        .then(
          () => send({ kind: "taken", id }),
          () => send({ kind: "lost", id }),
        );
    },
  };
}

type Running = { readonly stop: AbortController; settleParts: ((isTaken: boolean) => void) | null };
type Request = Extract<FromGateway, { readonly kind: "run" | "cancel" | "taken" | "lost" | "settle" }>;

/** The end where requests are made. */
export type ExchangeHost = {
  receive(message: Request): void;
  /** The other end is gone: ends what it asked for, and blames nobody. */
  abandon(): void;
};

function toSharedError(error: unknown): SharedError {
  return { message: error instanceof Error ? error.message : String(error) };
}

/** Makes the requests of a {@link RemoteExchange}. */
export function createExchangeHost(exchange: Exchange, send: (message: ToGateway) => void): ExchangeHost {
  const running = new Map<number, Running>();
  const refusals = new Map<string, (blame: "miner" | "nobody") => void>();

  async function run({ id, target, task, request, isOrganic, isStreamed }: Extract<Request, { readonly kind: "run" }>): Promise<void> {
    const state: Running = { stop: new AbortController(), settleParts: null };
    running.set(id, state);
    const onParts = (parts: readonly AnswerPart[]) =>
      new Promise<void>((resolve, reject) => {
        if (state.stop.signal.aborted) return reject(state.stop.signal.reason);
        state.settleParts = (isTaken) => {
          state.settleParts = null;
          if (isTaken) resolve();
          else reject(new Error("the user is gone"));
        };
        return send({ kind: "parts", id, parts });
      });
    try {
      const asked = { target, task, request, isOrganic, signal: state.stop.signal };
      const done = await exchange.run(isStreamed ? { ...asked, onParts } : asked);
      if (done === null) return send({ kind: "result", id, result: null });
      const { refusal, ...result } = done;
      if (refusal !== null) refusals.set(done.requestId, refusal.settle);
      send({ kind: "result", id, result: { ...result, refusalReason: refusal?.reason ?? null } });
    } catch (error) {
      send({ kind: "broken", id, error: toSharedError(error) });
    } finally {
      running.delete(id);
    }
  }

  return {
    receive(message) {
      if (message.kind === "run") return void run(message);
      if (message.kind === "settle") {
        refusals.get(message.requestId)?.(message.blame);
        refusals.delete(message.requestId);
        return;
      }
      const state = running.get(message.id);
      if (message.kind === "cancel") state?.stop.abort(new Error("the user is gone"));
      else state?.settleParts?.(message.kind === "taken");
    },
    abandon() {
      for (const { stop, settleParts } of running.values()) {
        stop.abort(new Error("the gateway is gone"));
        settleParts?.(false);
      }
      for (const settle of refusals.values()) settle("nobody");
      refusals.clear();
    },
  };
}
