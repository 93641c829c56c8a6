import type { MessagePort } from "node:worker_threads";
import type { AskRequest, SentParts } from "../exchange/index.js";
import { createMessageBundle, eachMessage, type MessageBundle } from "./message-bundle.js";
import { createPartsStream, type PartsMessage, type PartsStream, type TakenMessage } from "./parts-stream.js";

/** One answer whose parts go by the line. */
export type DirectAnswer<Asked> = {
  /** What it is called there. */
  readonly id: number;
  readonly signal: AbortSignal;
  readonly ask: (onParts: AskRequest["onParts"]) => Promise<Asked>;
};

/** The end of a line that parts of answers are sent by. */
export type PartsSender = {
  /** Sends by this line from now on. What goes by the one before goes on there: whoever took it is gone, and its answers are cancelled. */
  follow(port: MessagePort): void;
  /** Asks, and sends by the line what comes before the reply. */
  carry<Asked>(answer: DirectAnswer<Asked>): Promise<{ readonly asked: Asked; readonly sent: SentParts }>;
};

type Line = { readonly messages: MessageBundle<PartsMessage>; readonly streams: Map<number, PartsStream> };

/** Sends parts of answers straight to the thread that wants them; the calls themselves come from another one. */
export function createPartsSender(): PartsSender {
  let current: Line | null = null;
  return {
    follow(port) {
      const streams: Line["streams"] = new Map();
      port.on(
        "message",
        eachMessage(({ id }: TakenMessage) => streams.get(id)?.taken()),
      );
      current = { messages: createMessageBundle((bundle) => port.postMessage(bundle)), streams };
    },
    async carry({ id, signal, ask }) {
      if (current === null) throw new Error("there is no line that parts can go by");
      const { messages, streams } = current;
      const stream = createPartsStream(id, messages.add);
      const fail = () => stream.fail(new Error("nobody takes the parts"));
      streams.set(id, stream);
      if (signal.aborted) fail();
      else signal.addEventListener("abort", fail, { once: true });
      try {
        const asked = await ask(stream.add);
        const sent = stream.end();
        // Whoever hears of the reply waits for all that was sent: it must be on its way, though this thread ended now.
        messages.flush();
        return { asked, sent };
      } finally {
        streams.delete(id);
        signal.removeEventListener("abort", fail);
      }
    },
  };
}
