import type { Readable } from "node:stream";
import { createSseDecoder, VisionError } from "@vision/protocol";
import type { Clock } from "../runtime/clock.js";
import { clientFailure, networkFailure } from "./failure.js";
import type { ClientFailure, SseEvent, StreamEnd } from "./miner-client.js";

export type EventStream = {
  readonly events: AsyncIterable<SseEvent>;
  getEnd(): StreamEnd | null;
  cancel(): void;
};

export type EventStreamOptions = {
  readonly body: Readable;
  readonly clock: Clock;
  /** Why we ended it ourselves, if we did. */
  readonly getFailure: () => ClientFailure | null;
  /** Called once, when nothing more will come. */
  readonly onEnd: () => void;
};

const MAX_QUEUED_CHARACTERS = 256 * 1024; // above this the miner is held back: our consumer is slower than it
const MAX_TRAILING_BYTES = 1024; // what may follow [DONE] before the connection is cut instead of reused
const MAX_TRAILING_MS = 1_000; // how long the end of the response may take after it

/**
 * The events of a miner's stream, each with the moment that its bytes arrived, however slowly they are consumed.
 *
 * The iteration ends, and never throws, at `[DONE]`, at the first violation (size, UTF-8, an early end) or when it is cancelled.
 */
export function readEventStream({ body, clock, getFailure, onEnd }: EventStreamOptions): EventStream {
  const decoder = createSseDecoder();
  const queue: SseEvent[] = [];
  let queuedCharacters = 0;
  let end: StreamEnd | null = null;
  let trailingBytes = 0;
  let wake: (() => void) | null = null;

  const finish = (how: StreamEnd) => {
    if (end !== null) return;
    end = how;
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
    onEnd();
    wake?.();
  };

  body.on("data", (chunk: Uint8Array) => {
    if (end !== null) {
      trailingBytes += chunk.byteLength;
      if (trailingBytes > MAX_TRAILING_BYTES) body.destroy();
      return;
    }
    const receivedAtMs = clock.monotonicMs();
    try {
      for (const data of decoder.push(chunk)) {
        if (data === "[DONE]") {
          finish({ ok: true });
          return;
        }
        queue.push({ data, receivedAtMs });
        queuedCharacters += data.length;
      }
    } catch (error) {
      finish(clientFailure("miner", VisionError.isInstance(error) ? error.message : "the stream is not valid UTF-8", 200));
      return;
    }
    if (queuedCharacters > MAX_QUEUED_CHARACTERS) body.pause();
    wake?.();
  });
  body.on("end", () => {
    const where = decoder.hasPartialEvent() ? "in the middle of an event" : "without [DONE]";
    finish(clientFailure("miner", `the stream ended ${where}`, 200));
  });
  body.on("error", (error) => finish(getFailure() ?? networkFailure(error)));
  body.on("close", () => finish(getFailure() ?? clientFailure("miner", "the connection was closed", 200)));

  const cancel = () => finish(clientFailure("nobody", "cancelled by the caller", 200));
  const over: IteratorResult<SseEvent> = { done: true, value: undefined };
  return {
    getEnd: () => end,
    cancel,
    events: {
      [Symbol.asyncIterator]: () => ({
        async next() {
          while (queue.length === 0 && end === null) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            wake = null;
          }
          const event = queue.shift();
          if (event === undefined) return over;
          queuedCharacters -= event.data.length;
          if (end === null && body.isPaused() && queuedCharacters < MAX_QUEUED_CHARACTERS / 2) body.resume();
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
