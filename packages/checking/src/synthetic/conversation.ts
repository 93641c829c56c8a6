import type { Task } from "@vision/protocol";
import type { Random } from "@vision/scoring/probing";
import { type Disguise, disguiseRequest } from "./disguise.js";
import { continueMessages, type Message } from "./draw-messages.js";
import { drawSeed, mostPromptCharacters } from "./request-shape.js";
import type { SharedTurn } from "./shared-conversations.js";

type Request = Readonly<Record<string, unknown>>;

/** One request of a conversation, and how what comes after it is found. */
export type Turn = {
  /** Not normalised. */
  readonly request: Request;
  /** Milliseconds after the turn before it was sent; 0 of the first. */
  readonly waitMs: number;
  /** Whether something that the miner answered is in it. */
  readonly holdsAnswers: boolean;
  /** The next turn where it needs no answer, as of one that is tried again; null where there is none, or it needs one. */
  readonly nextAtOnce: () => Turn | null;
  /** The next turn after this answer of the miner, its text; null where the conversation ends, or goes on without. */
  readonly nextAfter: ((answer: string) => Turn | null) | null;
};

/** Who was answered thinks so long before the next turn, where nobody knows how long it was: drawn evenly by the logarithm. */
const THINKS_MS = { least: 5_000, times: 36 };
/** A program that tries again does so sooner. */
const TRIES_AGAIN_MS = { least: 500, times: 20 };
/** A seed that a program names is a small number; one that was drawn for a user is over the whole range. */
const NAMED_SEEDS = 1_000_000;

/** Of made-up requests, that are tried again, or several to choose from. */
const REPEATED_FRACTION = 0.06;
/** Of made-up requests, that a next turn follows where the task is a chat. */
const CONTINUED_FRACTION = 0.3;

const drawWaitMs = (random: Random, { least, times }: typeof THINKS_MS) => least * times ** random.next();

/**
 * A made-up request, and what follows it, drawn: nothing, the same again, or one more turn after the miner's answer. What comes again does so with
 * another seed and above temperature 0, so that an answer that was kept is of no use.
 */
export function makeUpTurn(
  request: Request,
  { task, random }: { readonly task: Task; readonly random: Random },
  { waitMs, holdsAnswers }: Pick<Turn, "waitMs" | "holdsAnswers"> = { waitMs: 0, holdsAnswers: false },
): Turn {
  const draw = random.next();
  const follow = (following: Request, waits: typeof THINKS_MS, isAnswered: boolean) =>
    makeUpTurn(following, { task, random }, { waitMs: drawWaitMs(random, waits), holdsAnswers: holdsAnswers || isAnswered });
  const again = draw < REPEATED_FRACTION ? repeat(request, random) : null;
  const { messages, continue_final_message: isBegun } = request;
  const isContinued =
    draw >= REPEATED_FRACTION && draw < REPEATED_FRACTION + CONTINUED_FRACTION && Array.isArray(messages) && isBegun !== true;
  return {
    ...{ request, waitMs, holdsAnswers },
    nextAtOnce: () => (again === null ? null : follow(again, TRIES_AGAIN_MS, false)),
    nextAfter: isContinued
      ? (answer) => {
          const continued = continueMessages(messages as readonly Message[], { random, task, answer });
          return continued === null ? null : follow(withNewSeed({ ...request, messages: continued }, random), THINKS_MS, true);
        }
      : null,
  };
}

type Replay = {
  readonly task: Task;
  readonly random: Random;
  readonly disguise: Disguise;
  /** In the place of those of the requests; null where theirs are kept. */
  readonly settings: Request | null;
  /** What the miner answered so far, by its place among the messages. */
  readonly answers: ReadonlyMap<number, string>;
};

/**
 * The first turn of what was sent before, disguised; each turn no sooner after the one before than it was then. Where a turn goes on after an answer it
 * does so after this miner's: whoever finds another answer than its own in a conversation knows who asks. Null where there is none, or what is
 * said no longer fits.
 */
export function replayTurn(turns: readonly SharedTurn[], replay: Replay): Turn | null {
  const { task, random, disguise, settings, answers } = replay;
  const [turn, following] = turns;
  if (turn === undefined) return null;
  const disguised = disguiseRequest(turn.request, disguise);
  const said = messagesOf(disguised);
  const messages = said.map((message, index) => withAnswer(message, answers.get(index)));
  if (lengthOf(messages) > Math.max(lengthOf(said), mostPromptCharacters(task))) return null;
  const fields = { ...disguised, ...settings };
  const { seed } = fields as Request;
  const isDrawn = seed !== undefined && !(typeof seed === "number" && Math.abs(seed) < NAMED_SEEDS);
  const goOn = (more: ReadonlyMap<number, string>) => replayTurn(turns.slice(1), { ...replay, answers: more });
  const followsAnswer = following !== undefined && messagesOf(following.request)[said.length]?.["role"] === "assistant";
  return {
    request: {
      ...fields,
      ...(said.length === 0 ? {} : { messages }),
      ...{ model: task.id, ...(isDrawn ? { seed: drawSeed(random) } : {}) },
    },
    waitMs: turn.waitMs ?? drawWaitMs(random, THINKS_MS),
    holdsAnswers: answers.size > 0,
    nextAtOnce: () => (followsAnswer ? null : goOn(answers)),
    nextAfter: followsAnswer ? (answer) => goOn(new Map(answers).set(said.length, answer)) : null,
  };
}

/** What is known of a message that somebody else's program wrote. */
type AnyMessage = Readonly<Record<string, unknown>>;

function messagesOf({ messages }: Request): readonly AnyMessage[] {
  return Array.isArray(messages) ? (messages as readonly AnyMessage[]) : [];
}

function withAnswer(message: AnyMessage, answer: string | undefined): AnyMessage {
  const { role, content, tool_calls: calls } = message;
  if (answer === undefined || role !== "assistant" || calls !== undefined) return message;
  if (typeof content === "string") return { ...message, content: answer };
  const [part, ...more] = Array.isArray(content) ? (content as readonly AnyMessage[]) : [];
  return part?.["type"] === "text" && more.length === 0 ? { ...message, content: [{ ...part, text: answer }] } : message;
}

/** Bytes: what a miner answers may be no text, and a token for each byte. */
function lengthOf(messages: readonly AnyMessage[]): number {
  const texts = messages.map(({ content }) => (typeof content === "string" ? content : (JSON.stringify(content) ?? "")));
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** Null for a request whose answer would be the same. */
function repeat(request: Request, random: Random): Request | null {
  return request["seed"] === undefined || request["temperature"] === 0 ? null : withNewSeed(request, random);
}

function withNewSeed(request: Request, random: Random): Request {
  return request["seed"] === undefined ? request : { ...request, seed: drawSeed(random) };
}
