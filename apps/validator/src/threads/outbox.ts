import type { AnswerPart } from "@vision/protocol";

/** Parts on their way to another thread: one message at a time, with everything that comes meanwhile in the next one. */
export type Outbox = {
  /** Takes the parts of one event. Waits only while too much waits already. Rejects once nobody takes parts any more. */
  add(parts: readonly AnswerPart[]): Promise<void>;
  /** The message under way was taken. */
  taken(): void;
  /** Nobody takes parts any more. */
  fail(reason: Error): void;
  /** Takes out what waits: it goes with something else. */
  rest(): readonly (readonly AnswerPart[])[];
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
 * A message a part would cost more than the part: a burst of events goes in one or two messages.
 *
 * @param send - Sends the parts of these events as one message.
 * @param soon - When a message goes while none is under way: at once, or after whatever else there is to add now.
 */
export function createOutbox(
  send: (events: readonly (readonly AnswerPart[])[]) => void,
  soon: (flush: () => void) => void = (flush) => flush(),
): Outbox {
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
  const rest = () => {
    const events = waiting;
    waiting = [];
    characters = 0;
    return events;
  };
  const flush = () => {
    if (isUnderWay || waiting.length === 0) return;
    isUnderWay = true;
    send(rest());
  };

  return {
    async add(parts) {
      if (failure !== null) throw failure;
      waiting.push(parts);
      for (const part of parts) characters += charactersOf(part);
      if (waiting.length === 1 && !isUnderWay) soon(flush);
      if (waiting.length < MOST_EVENTS && characters < MOST_CHARACTERS) return;
      flush();
      while (failure === null && waiting.length > 0) await new Promise<void>((resolve) => wakers.push(resolve));
      if (failure !== null) throw failure;
    },
    taken() {
      isUnderWay = false;
      flush();
      wake();
    },
    fail(reason) {
      failure ??= reason;
      rest();
      wake();
    },
    rest,
  };
}
