import { isDeepStrictEqual } from "node:util";
import { getFamily, type Task } from "@vision/protocol";
import type { Random } from "@vision/scoring/probing";
import { makeUpTurn, replayTurn, type Turn } from "./conversation.js";
import { createDisguise, disguiseRequest } from "./disguise.js";
import { drawSyntheticRequest } from "./draw-request.js";
import type { Habits } from "./habits.js";
import type { SharedConversation } from "./shared-conversations.js";

type Request = Readonly<Record<string, unknown>>;

/** A request that was drawn. */
export type DrawnRequest = {
  /** Not normalised. */
  readonly request: Request;
  /** Whether something that the miner answered is in it: then it is for no other miner, whom it might harm. */
  readonly holdsAnswers: boolean;
  /** When a next turn is due that needs no answer, by the source's clock, milliseconds; null where there is none. */
  readonly nextDueMs: number | null;
  /**
   * Told what the miner answered, its text, where a next turn may follow it, returns when that is due, as `nextDueMs`; null where none does. Whoever is
   * never told goes on with nothing.
   */
  readonly onAnswered: ((answer: string) => number | null) | null;
};

/** Synthetic requests to one miner at one task, conversation by conversation. */
export type SyntheticSource = {
  /** The first request of a conversation, of so many work units at most. */
  drawFirst(maxUnits: number): DrawnRequest;
  /** The turn that is longest due of the conversations that go on, of so many work units at most; null where none is due. */
  drawDue(maxUnits: number): DrawnRequest | null;
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
  /** A clock that never goes back, milliseconds. */
  readonly nowMs: () => number;
  /** Where users share nothing, they come from elsewhere. */
  readonly shared?: SharedSource;
  /** What the task's own model wrote: nearly all of what users' requests do not give. Where it wrote nothing, all of that is made up. */
  readonly written?: WrittenSource;
};

/** Of the draws where users share: so much is made up all the same, so that nothing is impossible that a made-up request may be. */
const SHARED_FRACTION = 0.92;
/** Of the draws that are not from shared ones, where the task's model writes. */
const WRITTEN_FRACTION = 0.9;
/** Conversations that are looked at for one that fits. */
const TRIES = 12;
/** Of written ones, of which the least known is taken: miners of one owner see the same text at two of them as seldom as can be. */
const WRITTEN_CHOICES = 3;

/**
 * Requests as they come from users one after the other: besides new ones some that are tried again, and conversations that come back with
 * the miner's answer and one more turn.
 *
 * Where users share their requests, nearly all are theirs, conversation by conversation, with names, places, numbers and addresses swapped:
 * no made-up text has the words, the lengths and the settings of a validator's own users. Where they do not, nearly all are those that the task's own
 * model wrote, drawn alike; what fewest miners know comes first.
 */
export function createSyntheticSource({ task, random, habits, nowMs, shared, written }: SyntheticSourceInput): SyntheticSource {
  const waiting: { readonly turn: Turn; readonly dueMs: number }[] = [];
  const fromShared = { conversationsNow: () => shared?.conversations ?? [], hotkey: shared?.hotkey ?? "" };
  const fromWritten = written ?? { conversationsNow: () => [], hotkey: "" };
  const beginShared = createBeginnings(fromShared, { task, random, choices: 1, drawSettings: () => null });
  // One that many miners are sent must not be as long, or as greedy, at all of them.
  const drawSettings = (maxUnits: number) => settingsOf(drawSyntheticRequest({ task, random, maxUnits, habits }));
  const beginWritten = createBeginnings(fromWritten, { task, random, choices: WRITTEN_CHOICES, drawSettings });
  const isChosen = ({ conversationsNow }: WrittenSource, fraction: number) => conversationsNow().length > 0 && random.next() < fraction;

  /** What is longest due of what fits. */
  function takeDue(maxUnits: number): Turn | null {
    const now = nowMs();
    const [due] = waiting
      .filter(({ turn, dueMs }) => dueMs <= now && unitsOf(turn.request, task) <= maxUnits)
      .sort((one, other) => one.dueMs - other.dueMs);
    if (due === undefined) return null;
    waiting.splice(waiting.indexOf(due), 1);
    return due.turn;
  }

  function begin(maxUnits: number): Turn {
    const theirs = isChosen(fromShared, SHARED_FRACTION) ? beginShared(maxUnits) : null;
    if (theirs !== null) return theirs;
    const own = isChosen(fromWritten, WRITTEN_FRACTION) ? beginWritten(maxUnits) : null;
    return own ?? makeUpTurn(drawSyntheticRequest({ task, random, maxUnits, habits }), { task, random });
  }

  /** The request of a turn that is sent now; what follows it waits. */
  function send({ request, holdsAnswers, nextAtOnce, nextAfter }: Turn): DrawnRequest {
    const sentMs = nowMs();
    const keep = (turn: Turn | null) => {
      if (turn === null) return null;
      const dueMs = Math.max(nowMs(), sentMs + turn.waitMs);
      waiting.push({ turn, dueMs });
      return dueMs;
    };
    return {
      request,
      holdsAnswers,
      nextDueMs: keep(nextAtOnce()),
      onAnswered: nextAfter === null ? null : (answer) => keep(nextAfter(answer)),
    };
  }

  return {
    drawFirst: (maxUnits) => send(begin(maxUnits)),
    drawDue(maxUnits) {
      const due = takeDue(maxUnits);
      return due === null ? null : send(due);
    },
  };
}

/** What requests ask for. Shared ones are drawn again and again, and only a few of them fit what a miner has free. */
const knownUnits = new WeakMap<Request, number>();

/** Most work units that a request may ask for; Infinity where the task's schema refuses it. */
function unitsOf(request: Request, { id, family: name }: Task): number {
  const known = knownUnits.get(request);
  if (known !== undefined) return known;
  const family = getFamily(name);
  const parsed = family.requestSchema.safeParse({ ...request, model: id });
  const units = parsed.success ? family.maxWorkUnits(parsed.data) : Number.POSITIVE_INFINITY;
  knownUnits.set(request, units);
  return units;
}

/** What a request asks for beside what is said. */
function settingsOf({ messages: _, prompt: __, continue_final_message: ___, add_generation_prompt: ____, ...settings }: Request): Request {
  return settings;
}

type Beginnings = Pick<SyntheticSourceInput, "task" | "random"> & {
  /** Of so many the least known is taken. */
  readonly choices: number;
  /** What a conversation asks for from its first turn to its last; null where it is kept. */
  readonly drawSettings: (maxUnits: number) => Request | null;
};

/** Draws the first turn of a conversation that fits; null where none was found. */
function createBeginnings(
  { conversationsNow, hotkey }: WrittenSource,
  { task, random, choices, drawSettings }: Beginnings,
): (maxUnits: number) => Turn | null {
  const begin = (maxUnits: number): Turn | null => {
    const conversations = conversationsNow();
    const candidates = Array.from({ length: choices }, () => conversations[random.nextInt(conversations.length)]);
    const conversation = candidates.reduce((best, each) => ((each?.knownBy.size ?? 0) < (best?.knownBy.size ?? 0) ? each : best));
    const first = conversation?.turns[0]?.request;
    if (conversation === undefined || first === undefined) return null;
    const settings = drawSettings(maxUnits);
    if (unitsOf(settings === null ? first : { ...first, ...settings }, task) > maxUnits) return null;
    const disguise = createDisguise(random);
    // Whoever has its answer in its memory need not compute it.
    if (isDeepStrictEqual(disguiseRequest(first, disguise), first)) {
      if (conversation.knownBy.has(hotkey)) return null;
      conversation.knownBy.add(hotkey);
    }
    return replayTurn(conversation.turns, { task, random, disguise, settings, answers: new Map() });
  };
  return (maxUnits) => {
    let drawn: Turn | null = null;
    for (let tried = 0; drawn === null && tried < TRIES; tried += 1) drawn = begin(maxUnits);
    return drawn;
  };
}
