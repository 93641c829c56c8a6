import type { AnswerPart } from "@vision/protocol";

/** Parts on their way to another thread: one message at a time, with everything that came meanwhile in the next one. */
export type Outbox = {
  /** Takes the parts of one event. Waits only while too much waits already. Rejects once nobody takes parts any more. */
  add(parts: readonly AnswerPart[]): Promise<void>;
  /** The message under way was taken. */
  taken(): void;
  /** Nobody takes parts any more. */
  fail(reason: Error): void;
  /** Resolves when nothing is left; rejects once nobody takes parts any more. */
  emptied(): Promise<void>;
};

/** What may wait for a slow user, besides the message under way: so far its miner runs ahead. */
const MOST_EVENTS = 64;
const MOST_CHARACTERS = 256 * 1024;
/** About what a token takes with its bytes and its log-probability. */
const CHARACTERS_PER_TOKEN = 64;

function charactersOf(part: AnswerPart): number {
  switch (part.kind) {
    case "text":
    case "reasoning":
    case "refusal":
      return part.text.length;
    case "tokens":
      return part.tokens.length * CHARACTERS_PER_TOKEN * (1 + (part.alternatives?.[0]?.length ?? 0));
    case "toolCalls":
      return part.calls.reduce((sum, call) => sum + call.arguments.length, 0);
    default:
      return 0;
  }
}

/**
 * A message a part would cost more than the part: a burst of events goes in two or three messages.
 *
 * @param send - Sends the parts of these events as one message.
 */
export function createOutbox(send: (events: readonly (readonly AnswerPart[])[]) => void): Outbox {
  let waiting: (readonly AnswerPart[])[] = [];
  let characters = 0;
  let isUnderWay = false;
  let failure: Error | null = null;
  let wakers: (() => void)[] = [];

  const wake = () => {
    const woken = wakers;
    wakers = [];
    for (const each of woken) each();
  };
  const flush = () => {
    if (isUnderWay || waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    characters = 0;
    isUnderWay = true;
    send(events);
  };
  const until = async (isReached: () => boolean) => {
    for (;;) {
      if (failure !== null) throw failure;
      if (isReached()) return;
      await new Promise<void>((resolve) => wakers.push(resolve));
    }
  };

  return {
    async add(parts) {
      if (failure !== null) throw failure;
      waiting.push(parts);
      for (const part of parts) characters += charactersOf(part);
      flush();
      if (waiting.length >= MOST_EVENTS || characters >= MOST_CHARACTERS) await until(() => !isUnderWay || waiting.length === 0);
    },
    taken() {
      isUnderWay = false;
      flush();
      wake();
    },
    fail(reason) {
      failure ??= reason;
      waiting = [];
      wake();
    },
    emptied: () => until(() => !isUnderWay && waiting.length === 0),
  };
}
