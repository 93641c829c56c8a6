import type { Readable } from "node:stream";
import { createSseDecoder, type ReplyLimits, readReceiptEvent, VisionError } from "@vision/protocol";
import type { Clock } from "../runtime/clock.js";
import type { Deadline } from "./deadline.js";
import { cancelledFailure, clientFailure, contentFailure, networkFailure } from "./failure.js";
import type { ClientFailure, MeasureReading, SseEvent, StreamEnd } from "./miner-client.js";

/** A miner's stream as it is read. */
export type EventStream = {
  readonly events: AsyncIterable<SseEvent>;
  /** How it ended; `null` while it has not. */
  getEnd(): StreamEnd | null;
  /** The receipt that came, unchecked; `null` when none did. */
  getReceipt(): string | null;
  /** Says how much of the answer had come at a moment of the monotonic clock. */
  noteContent(workUnits: number, atMs: number): void;
  /** Says that the answer is complete: its end is not waited for long. */
  noteComplete(): void;
  /** Ends it and frees the connection. */
  cancel(): void;
};

/** What a stream is read from and by. */
export type EventStreamOptions = {
  readonly body: Readable;
  readonly clock: Clock;
  /** Ends the stream when it aborts; cleared here once nothing more will come. */
  readonly deadline: Deadline;
  readonly limits: ReplyLimits;
  /** When the request was handed to the network, milliseconds of the monotonic clock. */
  readonly startedAtMs: number;
  readonly measureReading: MeasureReading;
};

const MAX_QUEUED_CHARACTERS = 256 * 1024; // above this the miner is held back: our consumer is slower than it
const CHARACTERS_PER_EVENT = 64; // what holding one takes beside its own: events of nothing filled the memory
const MAX_HELD_BACK_FRACTION = 0.1; // of the time up to the deadline; above it the miner cannot be blamed for being late
const MAX_TRAILING_BYTES = 1024; // what may follow [DONE] before the connection is cut instead of reused
const MAX_TRAILING_MS = 1_000; // how long the end of the response may take after it, and [DONE] after a complete answer

/**
 * The events of a miner's stream, each with the moment that its bytes arrived, however slowly they are consumed.
 *
 * The iteration ends, and never throws, at `[DONE]`, at the first violation (size, UTF-8, an early end) or when it is cancelled. When the
 * deadline passes while we hold the miner back, or after we held it back for long, nobody is blamed.
 */
export function readEventStream(options: EventStreamOptions): EventStream {
  const { body, clock, deadline, limits, startedAtMs, measureReading } = options;
  const decoder = createSseDecoder(limits);
  const queue: SseEvent[] = [];
  let queuedCharacters = 0;
  let end: StreamEnd | null = null;
  let receipt: string | null = null;
  let trailingBytes = 0;
  let wake: (() => void) | null = null;
  let heldBackMs = 0;
  let heldBackSinceMs: number | null = null;
  let freeSinceMs: number | undefined;

  const holdBack = () => {
    if (heldBackSinceMs !== null) return;
    heldBackSinceMs = clock.monotonicMs();
    body.pause();
  };

  const letGo = () => {
    if (heldBackSinceMs === null) return;
    heldBackMs += clock.monotonicMs() - heldBackSinceMs;
    heldBackSinceMs = null;
    freeSinceMs = clock.monotonicMs();
    body.resume();
  };

  /** Why we ended it ourselves, if we did. */
  const getFailure = (): ClientFailure | null => {
    const failure = deadline.getFailure();
    if (failure === null || failure.blame !== "miner") return failure;
    const isSlow = heldBackMs > MAX_HELD_BACK_FRACTION * (clock.monotonicMs() - startedAtMs);
    return heldBackSinceMs !== null || isSlow
      ? clientFailure({
          ...{ stage: "time", blame: "nobody", status: 200 },
          reason: "the answer was taken too slowly for the miner to finish in time",
        })
      : failure;
  };

  // At once, before the reader can take more and make it look as if the miner had not been held back.
  const onDeadline = () => {
    const failure = getFailure();
    if (failure !== null) finish(failure);
  };

  let cancelTrailer: (() => void) | null = null;

  const finish = (how: StreamEnd) => {
    if (end !== null) return;
    end = how;
    cancelTrailer?.();
    // After [DONE] the connection can serve again once the last bytes were read.
    if (how.ok) {
      body.resume();
      body.once(
        "close",
        clock.setTimer(MAX_TRAILING_MS, () => body.destroy()),
      );
    } else {
      body.destroy();
    }
    deadline.signal.removeEventListener("abort", onDeadline);
    deadline.clear();
    wake?.();
  };

  deadline.signal.addEventListener("abort", onDeadline, { once: true });

  body.on("data", (chunk: Uint8Array) => {
    if (end !== null) {
      trailingBytes += chunk.byteLength;
      if (trailingBytes > MAX_TRAILING_BYTES) body.destroy();
      return;
    }
    const receivedAtMs = clock.monotonicMs();
    try {
      for (const data of measureReading(() => decoder.push(chunk))) {
        if (data === "[DONE]") {
          finish({ ok: true });
          return;
        }
        const found = readReceiptEvent(data);
        if (found !== null) {
          receipt = found;
          continue;
        }
        queue.push({ data, receivedAtMs });
        queuedCharacters += data.length + CHARACTERS_PER_EVENT;
      }
    } catch (error) {
      finish(contentFailure(VisionError.isInstance(error) ? error.message : "the stream is not valid UTF-8"));
      return;
    }
    if (queue.length > 0) deadline.noteUnread();
    if (queuedCharacters > MAX_QUEUED_CHARACTERS) holdBack();
    wake?.();
  });
  body.on("end", () => {
    const where = decoder.hasPartialEvent() ? "in the middle of an event" : "without [DONE]";
    finish(contentFailure(`the stream ended ${where}`));
  });
  body.on("error", (error) => finish(getFailure() ?? networkFailure(error)));
  body.on("close", () =>
    finish(getFailure() ?? clientFailure({ stage: "connection", blame: "miner", reason: "the connection was closed", status: 200 })),
  );

  const cancel = () => finish(cancelledFailure(200));
  const over: IteratorResult<SseEvent> = { done: true, value: undefined };
  return {
    getEnd: () => end,
    getReceipt: () => receipt,
    noteContent: deadline.noteContent,
    noteComplete() {
      if (end !== null) return;
      cancelTrailer = clock.setTimer(MAX_TRAILING_MS, () => finish(contentFailure("the stream was not ended after the answer")));
    },
    cancel,
    events: {
      [Symbol.asyncIterator]: () => ({
        async next() {
          if (queue.length === 0) deadline.noteRead(freeSinceMs);
          while (queue.length === 0 && end === null) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            wake = null;
          }
          const event = queue.shift();
          if (event === undefined) return over;
          queuedCharacters -= event.data.length + CHARACTERS_PER_EVENT;
          if (end === null && queuedCharacters < MAX_QUEUED_CHARACTERS / 2) letGo();
          return { done: false, value: event };
        },
        async return() {
          cancel();
          return over;
        },
      }),
    },
  };
}
