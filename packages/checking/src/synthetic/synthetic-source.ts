import { getFamily, type Task } from "@vision/protocol";
import type { Random } from "@vision/scoring/probing";
import { continueMessages, type Message } from "./draw-messages.js";
import { drawSyntheticRequest } from "./draw-request.js";
import type { Habits } from "./habits.js";
import { drawSeed } from "./request-shape.js";

type Request = Readonly<Record<string, unknown>>;

/** Synthetic requests to one miner at one task, one after the other. */
export type SyntheticSource = {
  /** The next request, not normalised, that asks for so many work units at most. */
  draw(maxUnits: number): Request;
};

/** Of the requests of users, that say what was said before: tried again, or several to choose from. */
const REPEATED_FRACTION = 0.06;
/** Of the requests of users, that are the next turn of a conversation. */
const CONTINUED_FRACTION = 0.3;

/**
 * Requests as they come from users one after the other: besides new ones some that are tried again, and conversations that come back with
 * one more turn. What comes again does so with another seed and above temperature 0, so that an answer that was kept is of no use.
 */
export function createSyntheticSource({ task, random, habits }: { task: Task; random: Random; habits: Habits }): SyntheticSource {
  const family = getFamily(task.family);
  const isWithin = (request: Request, maxUnits: number) => family.maxWorkUnits(family.requestSchema.parse(request)) <= maxUnits;
  let last: Request | null = null;

  const drawAgain = (): Request | null => {
    const draw = random.next();
    if (last === null || draw >= REPEATED_FRACTION + CONTINUED_FRACTION) return null;
    return draw < REPEATED_FRACTION ? repeat(last, random) : continueConversation(last, task, random);
  };
  return {
    draw(maxUnits) {
      const again = drawAgain();
      last = again !== null && isWithin(again, maxUnits) ? again : drawSyntheticRequest({ task, random, maxUnits, habits });
      return last;
    },
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
