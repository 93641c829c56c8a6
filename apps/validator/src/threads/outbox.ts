import type { AnswerPart } from "@vision/protocol";

/** Parts on their way to another thread: a few small messages, then one that is waited for, with everything that comes meanwhile in the next one. */
export type Outbox = {
  /** Takes the parts of one event. Waits only while too much waits already. Rejects once nobody takes parts any more. */
  add(parts: readonly AnswerPart[]): Promise<void>;
  /** The message that was waited for was taken, and so was all before it. */
  taken(): void;
  /** Nobody takes parts any more. */
  fail(reason: Error): void;
  /** Takes out what waits: it goes with something else. */
  rest(): readonly (readonly AnswerPart[])[];
};

/** What may wait for a slow user, besides what is under way: so far its miner runs ahead. */
const MOST_EVENTS = 64;
const MOST_CHARACTERS = 256 * 1024;
/** What may be under way before a message is waited for: to tell of every event of a slow stream that it was taken would cost as much as to send it. */
const FREE_MESSAGES = 8;
const FREE_CHARACTERS = 8 * 1024;
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
 * @param send - Sends the parts of these events as one message, and asks to be told when it was taken, or not.
 * @param soon - When a message goes while none is waited for: at once, or after whatever else there is to add now.
 */
export function createOutbox(
  send: (events: readonly (readonly AnswerPart[])[], isTakenTold: boolean) => void,
  soon: (flush: () => void) => void = (flush) => flush(),
): Outbox {
  let waiting: (readonly AnswerPart[])[] = [];
  let characters = 0;
  /** Sent since the last one that was taken. */
  let sentMessages = 0;
  let sentCharacters = 0;
  let isWaitedFor = false;
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
    if (isWaitedFor || waiting.length === 0) return;
    sentMessages += 1;
    sentCharacters += characters;
    isWaitedFor = sentMessages >= FREE_MESSAGES || sentCharacters >= FREE_CHARACTERS;
    send(rest(), isWaitedFor);
  };

  return {
    async add(parts) {
      if (failure !== null) throw failure;
      waiting.push(parts);
      for (const part of parts) characters += charactersOf(part);
      if (waiting.length === 1 && !isWaitedFor) soon(flush);
      if (waiting.length < MOST_EVENTS && characters < MOST_CHARACTERS) return;
      flush();
      while (failure === null && waiting.length > 0) await new Promise<void>((resolve) => wakers.push(resolve));
      if (failure !== null) throw failure;
    },
    taken() {
      isWaitedFor = false;
      sentMessages = 0;
      sentCharacters = 0;
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
