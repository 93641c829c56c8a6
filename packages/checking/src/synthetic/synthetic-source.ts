import { getFamily, type Task } from "@vision/protocol";
import type { Random } from "@vision/scoring/probing";
import { createDisguise, type Disguise, disguiseRequest } from "./disguise.js";
import { continueMessages, type Message } from "./draw-messages.js";
import { drawSyntheticRequest } from "./draw-request.js";
import type { Habits } from "./habits.js";
import { drawSeed } from "./request-shape.js";
import type { SharedConversation } from "./shared-conversations.js";

type Request = Readonly<Record<string, unknown>>;

/** Synthetic requests to one miner at one task, one after the other. */
export type SyntheticSource = {
  /** The next request, not normalised, that asks for so many work units at most. */
  draw(maxUnits: number): Request;
};

/** What users of a task let others be drawn from, for one miner. */
export type SharedSource = {
  readonly conversations: readonly SharedConversation[];
  /** Ids of conversations that the miner may know word by word. What is drawn is added. */
  readonly known: Set<string>;
};

/** What a source draws from. */
export type SyntheticSourceInput = {
  readonly task: Task;
  readonly random: Random;
  readonly habits: Habits;
  /** Where users share nothing, all is made up. */
  readonly shared?: SharedSource;
};

/** Of the requests of users, that say what was said before: tried again, or several to choose from. */
const REPEATED_FRACTION = 0.06;
/** Of the requests of users, that are the next turn of a conversation. */
const CONTINUED_FRACTION = 0.3;
/** Of the draws where users share: so much is made up all the same, so that nothing is impossible that a made-up request may be. */
const SHARED_FRACTION = 0.92;
/** Of the draws from shared ones, that go on with one that was begun. */
const OPEN_FRACTION = 0.6;
/** Conversations that are looked at for one that fits. */
const TRIES = 12;
/** A seed that a program names is a small number; one that was drawn for a user is over the whole range. */
const NAMED_SEEDS = 1_000_000;

/**
 * Requests as they come from users one after the other: besides new ones some that are tried again, and conversations that come back with
 * one more turn. What comes again does so with another seed and above temperature 0, so that an answer that was kept is of no use.
 *
 * Where users share their requests, nearly all are theirs, conversation by conversation, with names, places, numbers and addresses swapped:
 * no made-up text has the words, the lengths and the settings of a validator's own users.
 */
export function createSyntheticSource({ task, random, habits, shared }: SyntheticSourceInput): SyntheticSource {
  const family = getFamily(task.family);
  const isWithin = (request: Request, maxUnits: number) => {
    const parsed = family.requestSchema.safeParse(request);
    return parsed.success && family.maxWorkUnits(parsed.data) <= maxUnits;
  };
  const fromUsers = shared === undefined || shared.conversations.length === 0 ? null : createSharedDraws(shared, task, random);
  let last: Request | null = null;

  const drawAgain = (): Request | null => {
    const draw = random.next();
    if (last === null || draw >= REPEATED_FRACTION + CONTINUED_FRACTION) return null;
    return draw < REPEATED_FRACTION ? repeat(last, random) : continueConversation(last, task, random);
  };
  return {
    draw(maxUnits) {
      const theirs = fromUsers !== null && random.next() < SHARED_FRACTION ? fromUsers((request) => isWithin(request, maxUnits)) : null;
      if (theirs !== null) return theirs;
      const again = drawAgain();
      last = again !== null && isWithin(again, maxUnits) ? again : drawSyntheticRequest({ task, random, maxUnits, habits });
      return last;
    },
  };
}

/** A conversation that is being replayed. */
type Replayed = { readonly requests: readonly Request[]; next: number; readonly disguise: Disguise };

/** Draws the next request of a conversation of users that fits; null where none was found. */
function createSharedDraws({ conversations, known }: SharedSource, task: Task, random: Random) {
  const open: Replayed[] = [];

  const requestOf = (replayed: Replayed): Request => {
    const original = replayed.requests[replayed.next] ?? {};
    const { seed } = original;
    const isNamed = typeof seed === "number" && Math.abs(seed) < NAMED_SEEDS;
    const isSeeded = seed !== undefined && !isNamed;
    return {
      ...disguiseRequest(original, replayed.disguise),
      model: task.id,
      ...(isSeeded ? { seed: drawSeed(random) } : {}),
    };
  };
  const begin = (): Replayed | null => {
    const conversation = conversations[random.nextInt(conversations.length)];
    if (conversation === undefined) return null;
    const replayed = { requests: conversation.requests, next: 0, disguise: createDisguise(random) };
    // Whoever has its answer in its memory need not compute it.
    const isAsItWas =
      JSON.stringify(disguiseRequest(conversation.requests[0] ?? {}, replayed.disguise)) === JSON.stringify(conversation.requests[0]);
    if (isAsItWas && known.has(conversation.id)) return null;
    known.add(conversation.id);
    return replayed;
  };
  const take = (replayed: Replayed, fits: (request: Request) => boolean): Request | null => {
    const request = requestOf(replayed);
    if (!fits(request)) return null;
    replayed.next += 1;
    return request;
  };
  return (fits: (request: Request) => boolean): Request | null => {
    if (open.length > 0 && random.next() < OPEN_FRACTION) {
      const at = random.nextInt(open.length);
      const [replayed] = open.splice(at, 1);
      const request = replayed === undefined ? null : take(replayed, fits);
      if (replayed !== undefined && request !== null && replayed.next < replayed.requests.length) open.push(replayed);
      if (request !== null) return request;
    }
    for (let tried = 0; tried < TRIES; tried += 1) {
      const replayed = begin();
      const request = replayed === null ? null : take(replayed, fits);
      if (replayed === null || request === null) continue;
      if (replayed.next < replayed.requests.length) open.push(replayed);
      return request;
    }
    return null;
  };
}

/** Null for a request whose answer would be the same. */
function repeat(request: Request, random: Random): Request | null {
  const { seed, temperature } = request;
  return seed === undefined || temperature === 0 ? null : { ...request, seed: drawSeed(random) };
}

function continueConversation(request: Request, task: Task, random: Random): Request | null {
  const { messages, seed, continue_final_message: isBegun } = request;
  if (!Array.isArray(messages) || isBegun === true) return null;
  const continued = continueMessages(random, task, messages as readonly Message[]);
  return continued === null ? null : { ...request, messages: continued, ...(seed === undefined ? {} : { seed: drawSeed(random) }) };
}
