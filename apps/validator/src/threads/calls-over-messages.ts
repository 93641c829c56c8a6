import type { AnswerPart } from "@vision/protocol";
import { createOutbox, type Outbox } from "./outbox.js";
import { type PackedEvents, packEvents, unpackEvents } from "./pack-events.js";
import type { SharedError } from "./thread-messages.js";

/** From who calls. */
export type CallMessage<Request> =
  | { readonly kind: "call"; readonly id: number; readonly request: Request; readonly isStreamed: boolean }
  | { readonly kind: "cancel"; readonly id: number }
  /** The parts that this was to be told of, and all before them, were handed on: the next ones may come. */
  | { readonly kind: "taken"; readonly id: number }
  /** They could not be: the request ends and nobody is blamed. */
  | { readonly kind: "lost"; readonly id: number };

/** From who answers. */
export type ReplyMessage<Result> =
  /** The parts of one or more events, in order. */
  | {
      readonly kind: "parts";
      readonly id: number;
      readonly events: PackedEvents;
      /** Whether to tell when they were handed on. */
      readonly isTakenTold: boolean;
    }
  /** With the last events, where they were not sent before. */
  | { readonly kind: "result"; readonly id: number; readonly events: PackedEvents; readonly result: Result }
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
  receive(message: ReplyMessage<Result>): void;
  /** The other end is gone: whatever is under way rejects. */
  abandon(error: Error): void;
};

type Pending<Result> = {
  readonly onParts: CallOptions["onParts"];
  /** Resolves when the parts that came so far are handed on; rejects when they could not be. */
  handedOn: Promise<void> | null;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

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
        pending.set(id, { onParts, handedOn: null, resolve, reject });
        send({ kind: "call", id, request, isStreamed: onParts !== undefined });
        if (signal.aborted) cancel();
        else signal.addEventListener("abort", cancel, { once: true });
      }).finally(() => {
        pending.delete(id);
        signal.removeEventListener("abort", cancel);
      });
    },
    receive(message) {
      const waiting = pending.get(message.id);
      if (waiting === undefined) return;
      if (message.kind === "broken") return waiting.reject(new Error(message.error.message));
      const { id, events } = message;
      const { handedOn, onParts } = waiting;
      waiting.handedOn = handedOn === null ? handOn(events, onParts) : handedOn.then(() => handOn(events, onParts));
      if (message.kind === "parts") {
        const taken = message.isTakenTold ? () => send({ kind: "taken", id }) : undefined;
        waiting.handedOn.then(taken, () => send({ kind: "lost", id }));
        return;
      }
      // What the user could not be given any more is no reason to forget what came of the request.
      const done = () => waiting.resolve(message.result);
      waiting.handedOn.then(done, done);
    },
    abandon(error) {
      for (const { reject } of [...pending.values()]) reject(error);
    },
  };
}

async function handOn(events: PackedEvents, onParts: CallOptions["onParts"]): Promise<void> {
  if (onParts === undefined) return;
  for (const parts of unpackEvents(events)) await onParts(parts);
}

/** The end that answers. */
export type CallHost<Request> = {
  receive(message: CallMessage<Request>): void;
  /** The other end is gone: ends what it asked for. */
  abandon(): void;
};

/** Answers the calls of {@link RemoteCalls}. */
export function createCallHost<Request, Result>(
  answer: (request: Request, options: CallOptions) => Promise<Result>,
  send: (message: ReplyMessage<Result>) => void,
): CallHost<Request> {
  const running = new Map<number, { readonly stop: AbortController; readonly outbox: Outbox }>();

  async function run({ id, request, isStreamed }: Extract<CallMessage<Request>, { readonly kind: "call" }>): Promise<void> {
    const stop = new AbortController();
    const outbox = createOutbox(
      (events, isTakenTold) => send({ kind: "parts", id, events: packEvents(events), isTakenTold }),
      process.nextTick,
    );
    running.set(id, { stop, outbox });
    try {
      const result = await answer(request, { signal: stop.signal, onParts: isStreamed ? outbox.add : undefined });
      send({ kind: "result", id, events: packEvents(outbox.rest()), result });
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
      if (message.kind === "taken") return state?.outbox.taken();
      const reason = new Error(message.kind === "cancel" ? "whoever asked is gone" : "nobody takes the parts");
      state?.outbox.fail(reason);
      return state?.stop.abort(reason);
    },
    abandon() {
      const reason = new Error("the other end is gone");
      for (const { stop, outbox } of running.values()) {
        outbox.fail(reason);
        stop.abort(reason);
      }
    },
  };
}
