import type { AnswerPart } from "@vision/protocol";
import type { DirectParts, SentParts } from "../exchange/index.js";
import { type PackedEvents, unpackEvents } from "./pack-events.js";
import { createPartsStream, type PartsMessage, type PartsStream, type TakenMessage } from "./parts-stream.js";
import type { SharedError } from "./thread-messages.js";

/** From who calls. */
export type CallMessage<Request> =
  | { readonly kind: "call"; readonly id: number; readonly request: Request; readonly isStreamed: boolean }
  | { readonly kind: "cancel"; readonly id: number }
  | TakenMessage
  /** They could not be: the request ends and nobody is blamed. */
  | { readonly kind: "lost"; readonly id: number };

/** From who answers. */
export type ReplyMessage<Result> =
  | PartsMessage
  /** With the last events, where they were not sent before. It waits for the messages of parts, which may come another way. */
  | { readonly kind: "result"; readonly id: number; readonly sent: SentParts; readonly result: Result }
  | { readonly kind: "broken"; readonly id: number; readonly error: SharedError };

/** What a call may bring along. */
export type CallOptions = {
  readonly signal: AbortSignal;
  /** Given what comes before the result, in order; awaited, so that whoever is slow holds the other end back. */
  readonly onParts?: ((parts: readonly AnswerPart[]) => void | Promise<void>) | undefined;
};

/** The end that calls. */
export type RemoteCalls<Request, Result> = {
  /** Rejects with what went wrong at the other end, or when that end is gone. */
  call(request: Request, options: CallOptions): Promise<Result>;
  /** @param tell - Where it is told that parts were taken, where they came another way than replies. */
  receive(message: ReplyMessage<Result>, tell?: (message: TakenMessage) => void): void;
  /** The other end is gone: whatever is under way rejects. */
  abandon(error: Error): void;
};

type Pending<Result> = {
  readonly onParts: CallOptions["onParts"];
  /** Resolves when the parts that came so far are handed on; rejects when they could not be. */
  handedOn: Promise<void> | null;
  /** Messages of parts that came. */
  messageCount: number;
  /** What it ends with, once all parts are there. */
  last: Extract<ReplyMessage<Result>, { readonly kind: "result" }> | null;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

const isWhole = <Result>({ last, messageCount }: Pending<Result>) => last !== null && messageCount >= last.sent.messageCount;

/** Calls that are answered at the other end of the messages. */
export function createRemoteCalls<Request, Result>(send: (message: CallMessage<Request>) => void): RemoteCalls<Request, Result> {
  const pending = new Map<number, Pending<Result>>();
  let lastId = 0;
  return {
    call(request, { signal, onParts }) {
      lastId += 1;
      const id = lastId;
      const cancel = () => send({ kind: "cancel", id });
      return new Promise<Result>((resolve, reject) => {
        pending.set(id, { onParts, handedOn: null, messageCount: 0, last: null, resolve, reject });
        send({ kind: "call", id, request, isStreamed: onParts !== undefined });
        if (signal.aborted) cancel();
        else signal.addEventListener("abort", cancel, { once: true });
      }).finally(() => {
        pending.delete(id);
        signal.removeEventListener("abort", cancel);
      });
    },
    receive(message, tell = send) {
      const waiting = pending.get(message.id);
      // What a thread that died had sent may come after what was told of its end.
      if (waiting === undefined || isWhole(waiting)) return;
      if (message.kind === "broken") return waiting.reject(new Error(message.error.message));
      if (message.kind === "result") waiting.last = message;
      else {
        const { id, events, isTakenTold } = message;
        waiting.messageCount += 1;
        const taken = isTakenTold ? () => tell({ kind: "taken", id }) : undefined;
        handOnNext(waiting, events).then(taken, () => send({ kind: "lost", id }));
      }
      const { last } = waiting;
      if (last === null || !isWhole(waiting)) return;
      // What the user could not be given any more is no reason to forget what came of the request.
      const done = () => waiting.resolve(last.result);
      handOnNext(waiting, last.sent.rest).then(done, done);
    },
    abandon(error) {
      for (const { reject } of [...pending.values()]) reject(error);
    },
  };
}

function handOnNext<Result>(waiting: Pending<Result>, events: PackedEvents): Promise<void> {
  const { handedOn, onParts } = waiting;
  waiting.handedOn = handedOn === null ? handOn(events, onParts) : handedOn.then(() => handOn(events, onParts));
  return waiting.handedOn;
}

async function handOn(events: PackedEvents, onParts: CallOptions["onParts"]): Promise<void> {
  if (onParts === undefined) return;
  for (const parts of unpackEvents(events)) await onParts(parts);
}

/** What a call is answered with. */
export type AnswerOptions = CallOptions & {
  /** Where parts are wanted: in the place of `onParts`, for whoever has another way to send them to the end that calls. */
  readonly direct?: DirectParts | undefined;
};

/** The end that answers. */
export type CallHost<Request> = {
  receive(message: CallMessage<Request>): void;
  /** The other end is gone: ends what it asked for. */
  abandon(): void;
};

/** Answers the calls of {@link RemoteCalls}. */
export function createCallHost<Request, Result>(
  answer: (request: Request, options: AnswerOptions) => Promise<Result>,
  send: (message: ReplyMessage<Result>) => void,
): CallHost<Request> {
  const running = new Map<number, { readonly stop: AbortController; readonly stream: PartsStream }>();

  async function run({ id, request, isStreamed }: Extract<CallMessage<Request>, { readonly kind: "call" }>): Promise<void> {
    const stop = new AbortController();
    const stream = createPartsStream(id, send);
    let end = stream.end;
    const onSent = (sent: SentParts) => {
      end = () => sent;
    };
    const ways = isStreamed ? { onParts: stream.add, direct: { id, onSent } } : {};
    running.set(id, { stop, stream });
    try {
      const result = await answer(request, { signal: stop.signal, ...ways });
      send({ kind: "result", id, sent: end(), result });
    } catch (error) {
      send({ kind: "broken", id, error: { message: error instanceof Error ? error.message : String(error) } });
    } finally {
      running.delete(id);
    }
  }

  return {
    receive(message) {
      if (message.kind === "call") return void run(message);
      const state = running.get(message.id);
      if (message.kind === "taken") return state?.stream.taken();
      const reason = new Error(message.kind === "cancel" ? "whoever asked is gone" : "nobody takes the parts");
      state?.stream.fail(reason);
      return state?.stop.abort(reason);
    },
    abandon() {
      const reason = new Error("the other end is gone");
      for (const { stop, stream } of running.values()) {
        stream.fail(reason);
        stop.abort(reason);
      }
    },
  };
}
