import type { MessagePort } from "node:worker_threads";

/** Messages on their way to another thread: those of one turn of the loop go together, in order. */
export type MessageBundle<Message> = {
  /** It goes at the end of the turn, or a little before. */
  add(message: Message): void;
  /** It goes now, after all that waits, and hands ports over for good. */
  send(message: Message, ports?: readonly MessagePort[]): void;
  /** What waits goes now. */
  flush(): void;
};

/** How the messages of a {@link MessageBundle} go, all as one. */
export type PostBundle<Message> = (messages: readonly Message[], ports: readonly MessagePort[]) => void;

/** A turn in which many users ask takes its time: the other thread begins with the first of them meanwhile. */
const MOST_MESSAGES = 16;
const MOST_WAIT_MS = 1;

/** To wake a thread that sleeps costs more than what it is told: whatever is told it in one turn of the loop wakes it once. */
export function createMessageBundle<Message>(post: PostBundle<Message>): MessageBundle<Message> {
  let waiting: Message[] = [];
  let sinceMs = 0;
  let flushing: NodeJS.Immediate | null = null;

  function postAll(ports: readonly MessagePort[] = []): void {
    if (flushing !== null) clearImmediate(flushing);
    flushing = null;
    const messages = waiting;
    waiting = [];
    if (messages.length > 0) post(messages, ports);
  }

  return {
    add(message) {
      waiting.push(message);
      if (flushing === null) {
        sinceMs = performance.now();
        flushing = setImmediate(() => postAll());
      } else if (waiting.length >= MOST_MESSAGES || performance.now() - sinceMs >= MOST_WAIT_MS) postAll();
    },
    send(message, ports) {
      waiting.push(message);
      postAll(ports);
    },
    flush: () => postAll(),
  };
}

/** Takes a bundle's messages one after the other. */
export function eachMessage<Message>(receive: (message: Message) => void): (messages: readonly Message[]) => void {
  return (messages) => {
    for (const message of messages) receive(message);
  };
}
