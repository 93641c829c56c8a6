import { isDeepStrictEqual } from "node:util";
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

/** What users of a task let others be drawn from, and the miner that is to answer them, an ss58 address. */
export type SharedSource = { readonly conversations: readonly SharedConversation[]; readonly hotkey: string };

/** What the task's own model has written at the moment. */
export type WrittenSource = { readonly conversationsNow: () => readonly SharedConversation[]; readonly hotkey: string };

/** What a source draws from. */
export type SyntheticSourceInput = {
  readonly task: Task;
  readonly random: Random;
  readonly habits: Habits;
  /** Where users share nothing, they come from elsewhere. */
  readonly shared?: SharedSource;
  /** What the task's own model wrote: nearly all of what users' requests do not give. Where it wrote nothing, all of that is made up. */
  readonly written?: WrittenSource;
};

/** Of the requests of users, that say what was said before: tried again, or several to choose from. */
const REPEATED_FRACTION = 0.06;
/** Of the requests of users, that are the next turn of a conversation. */
const CONTINUED_FRACTION = 0.3;
/** Of the draws where users share: so much is made up all the same, so that nothing is impossible that a made-up request may be. */
const SHARED_FRACTION = 0.92;
/** Of the draws that are not from shared ones, where the task's model writes. */
const WRITTEN_FRACTION = 0.9;
/** Of the draws from shared ones, that go on with one that was begun. */
const OPEN_FRACTION = 0.6;
/** Conversations that are looked at for one that fits. */
const TRIES = 12;
/** Of written ones, of which the least known is taken: miners of one owner see the same text at two of them as seldom as can be. */
const WRITTEN_CHOICES = 3;
/** A seed that a program names is a small number; one that was drawn for a user is over the whole range. */
const NAMED_SEEDS = 1_000_000;

/**
 * Requests as they come from users one after the other: besides new ones some that are tried again, and conversations that come back with
 * one more turn. What comes again does so with another seed and above temperature 0, so that an answer that was kept is of no use.
 *
 * Where users share their requests, nearly all are theirs, conversation by conversation, with names, places, numbers and addresses swapped:
 * no made-up text has the words, the lengths and the settings of a validator's own users. Where they do not, nearly all are those that the task's own
 * model wrote, drawn alike; what fewest miners know comes first.
 */
export function createSyntheticSource({ task, random, habits, shared, written }: SyntheticSourceInput): SyntheticSource {
  const isWithin = (request: Request, maxUnits: number) => unitsOf(request, task) <= maxUnits;
  const fromShared = { conversationsNow: () => shared?.conversations ?? [], hotkey: shared?.hotkey ?? "" };
  const drawShared = createConversationDraws(fromShared, 1, task, random);
  const fromWritten = written ?? { conversationsNow: () => [], hotkey: "" };
  const drawWritten = createConversationDraws(fromWritten, WRITTEN_CHOICES, task, random);
  const isChosen = ({ conversationsNow }: WrittenSource, fraction: number) => conversationsNow().length > 0 && random.next() < fraction;
  let last: Request | null = null;

  const drawAgain = (): Request | null => {
    const draw = random.next();
    if (last === null || draw >= REPEATED_FRACTION + CONTINUED_FRACTION) return null;
    return draw < REPEATED_FRACTION ? repeat(last, random) : continueConversation(last, task, random);
  };
  return {
    draw(maxUnits) {
      const theirs = isChosen(fromShared, SHARED_FRACTION) ? drawShared(maxUnits) : null;
      if (theirs !== null && isWithin(theirs, maxUnits)) return theirs;
      const own = isChosen(fromWritten, WRITTEN_FRACTION) ? drawWritten(maxUnits) : null;
      if (own !== null && isWithin(own, maxUnits)) return own;
      const again = drawAgain();
      last = again !== null && isWithin(again, maxUnits) ? again : drawSyntheticRequest({ task, random, maxUnits, habits });
      return last;
    },
  };
}

/** Most work units that a request may ask for; Infinity where the task's schema refuses it. */
function unitsOf(request: Request, { family: name }: Task): number {
  const family = getFamily(name);
  const parsed = family.requestSchema.safeParse(request);
  return parsed.success ? family.maxWorkUnits(parsed.data) : Number.POSITIVE_INFINITY;
}

/** What shared requests ask for. They are drawn again and again, and only a few of them fit what a miner has free. */
const sharedUnits = new WeakMap<Request, number>();

function unitsOfShared(request: Request, task: Task): number {
  const units = sharedUnits.get(request) ?? unitsOf({ ...request, model: task.id }, task);
  sharedUnits.set(request, units);
  return units;
}

/** A conversation that is being replayed. */
type Replayed = { readonly requests: readonly Request[]; next: number; readonly disguise: Disguise };

/** Draws the next request of a conversation that fits, a new one the least known of so many; null where none was found. */
function createConversationDraws(
  { conversationsNow, hotkey }: WrittenSource,
  choices: number,
  task: Task,
  random: Random,
): (maxUnits: number) => Request | null {
  const open: Replayed[] = [];

  /** The next turn, disguised, of a conversation that stays open as long as there are more. */
  const play = (replayed: Replayed, disguised: Request): Request => {
    replayed.next += 1;
    if (replayed.next < replayed.requests.length) open.push(replayed);
    const { seed } = disguised;
    const isDrawn = seed !== undefined && !(typeof seed === "number" && Math.abs(seed) < NAMED_SEEDS);
    return { ...disguised, model: task.id, ...(isDrawn ? { seed: drawSeed(random) } : {}) };
  };
  const goOn = (maxUnits: number): Request | null => {
    if (open.length === 0 || random.next() >= OPEN_FRACTION) return null;
    const [replayed] = open.splice(random.nextInt(open.length), 1);
    const next = replayed?.requests[replayed.next];
    if (replayed === undefined || next === undefined || unitsOfShared(next, task) > maxUnits) return null;
    return play(replayed, disguiseRequest(next, replayed.disguise));
  };
  const begin = (maxUnits: number): Request | null => {
    const conversations = conversationsNow();
    const candidates = Array.from({ length: choices }, () => conversations[random.nextInt(conversations.length)]);
    const conversation = candidates.reduce((best, each) => ((each?.knownBy.size ?? 0) < (best?.knownBy.size ?? 0) ? each : best));
    const [first] = conversation?.requests ?? [];
    if (conversation === undefined || first === undefined || unitsOfShared(first, task) > maxUnits) return null;
    const disguise = createDisguise(random);
    const disguised = disguiseRequest(first, disguise);
    // Whoever has its answer in its memory need not compute it.
    if (isDeepStrictEqual(disguised, first)) {
      if (conversation.knownBy.has(hotkey)) return null;
      conversation.knownBy.add(hotkey);
    }
    return play({ requests: conversation.requests, next: 0, disguise }, disguised);
  };
  return (maxUnits) => {
    let drawn = goOn(maxUnits);
    for (let tried = 0; drawn === null && tried < TRIES; tried += 1) drawn = begin(maxUnits);
    return drawn;
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
