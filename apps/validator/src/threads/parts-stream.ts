import type { SentParts } from "../exchange/index.js";
import { createOutbox, type Outbox } from "./outbox.js";
import { type PackedEvents, packEvents } from "./pack-events.js";

/** The parts of one or more events of an answer, in order. */
export type PartsMessage = {
  readonly kind: "parts";
  readonly id: number;
  readonly events: PackedEvents;
  /** Whether to tell when they were handed on. */
  readonly isTakenTold: boolean;
};

/** The parts that this was to be told of, and all before them, were handed on: the next ones may come. */
export type TakenMessage = { readonly kind: "taken"; readonly id: number };

/** The parts of one answer on their way to another thread; see {@link Outbox}. */
export type PartsStream = Pick<Outbox, "add" | "taken" | "fail"> & {
  /** Nothing more comes: what was sent, and what was not sent yet. */
  end(): SentParts;
};

/** Sends the parts of one answer as messages: what comes in one turn goes together. */
export function createPartsStream(id: number, send: (message: PartsMessage) => void): PartsStream {
  let messageCount = 0;
  const { add, taken, fail, rest } = createOutbox((events, isTakenTold) => {
    messageCount += 1;
    send({ kind: "parts", id, events: packEvents(events), isTakenTold });
  }, process.nextTick);
  return { add, taken, fail, end: () => ({ messageCount, rest: packEvents(rest()) }) };
}
