import type { MessagePort } from "node:worker_threads";
import type { Exchange, ExchangeResult } from "../exchange/exchange.js";
import { type CallMessage, createCallHost, createRemoteCalls, type ReplyMessage } from "./calls-over-messages.js";
import type { SettleMessage, SharedRequest, SharedResult } from "./gateway-messages.js";
import { createMessageBundle, eachMessage } from "./message-bundle.js";
import type { PartsMessage, TakenMessage } from "./parts-stream.js";

type FromRemote = CallMessage<SharedRequest> | SettleMessage;
type FromHost = ReplyMessage<SharedResult | null>;

/** The gateway's end of an exchange that runs in another thread. */
export type RemoteExchange = Exchange & {
  /** Hands over what the other end sent. */
  receive(message: FromHost): void;
  /** Takes parts from this line too, sent by whoever reads the answers. */
  follow(port: MessagePort): void;
};

/** An {@link Exchange} whose requests are made at the other end of the messages. */
export function createRemoteExchange(send: (message: FromRemote) => void): RemoteExchange {
  const calls = createRemoteCalls<SharedRequest, SharedResult | null>(send);

  function toResult({ refusalReason, ...result }: SharedResult): ExchangeResult {
    if (refusalReason === null) return { ...result, refusal: null };
    const settle = (blame: "miner" | "nobody") => send({ kind: "settle", requestId: result.requestId, blame });
    return { ...result, refusal: { reason: refusalReason, settle } };
  }

  return {
    async run({ signal, onParts, ...request }) {
      const result = await calls.call(request, { signal, onParts });
      return result === null ? null : toResult(result);
    },
    receive: (message) => calls.receive(message),
    follow(port) {
      // One before it is not closed: what was sent there before its other end was gone still comes, and then it closes itself.
      const taken = createMessageBundle<TakenMessage>((bundle) => port.postMessage(bundle));
      port.on(
        "message",
        eachMessage((message: PartsMessage) => calls.receive(message, taken.add)),
      );
    },
  };
}

/** The end where requests are made. */
export type ExchangeHost = {
  receive(message: FromRemote): void;
  /** The other end is gone: ends what it asked for, and blames nobody. */
  abandon(): void;
};

/**
 * Makes the requests of a {@link RemoteExchange}.
 *
 * @param hasLine - Whether parts can go past here, from whoever reads answers to the other end.
 */
export function createExchangeHost(exchange: Exchange, send: (message: FromHost) => void, hasLine = () => false): ExchangeHost {
  const refusals = new Map<string, (blame: "miner" | "nobody") => void>();
  const calls = createCallHost<SharedRequest, SharedResult | null>(async (request, { signal, onParts, direct }) => {
    const done = await exchange.run({ ...request, signal, ...(hasLine() ? { direct } : { onParts }) });
    if (done === null) return null;
    const { refusal, ...result } = done;
    if (refusal !== null) refusals.set(done.requestId, refusal.settle);
    return { ...result, refusalReason: refusal?.reason ?? null };
  }, send);

  return {
    receive(message) {
      if (message.kind !== "settle") return calls.receive(message);
      refusals.get(message.requestId)?.(message.blame);
      return void refusals.delete(message.requestId);
    },
    abandon() {
      calls.abandon();
      for (const settle of refusals.values()) settle("nobody");
      refusals.clear();
    },
  };
}
