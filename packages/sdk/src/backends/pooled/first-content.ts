import type { BackendCall, BackendPart } from "../inference-backend.js";

/** What came up to the first content, that content included; empty for an answer without anything. */
export type Beginning = { readonly parts: readonly BackendPart[]; readonly isOver: boolean };

/** Parts that may come without anything that a user would see; whoever sends more has begun. */
const MOST_SILENT_PARTS = 16;

/**
 * Reads an answer until it holds something that a user would see: servers open streams with events that say nothing yet, and one that hangs
 * behind them has not answered.
 */
export async function readBeginning(call: BackendCall, iterator: AsyncIterator<BackendPart>): Promise<Beginning> {
  const collector = call.family.createCollector(call.request);
  const parts: BackendPart[] = [];
  for (;;) {
    const step = await iterator.next();
    if (step.done === true) return { parts, isOver: true };
    parts.push(step.value);
    if (step.value.kind === "body" || parts.length >= MOST_SILENT_PARTS) return { parts, isOver: false };
    const event = parseEvent(step.value.data);
    // What cannot be read is for the miner to pass on or refuse, as of any backend.
    if (event === undefined || !collector.addEvent(event).ok || collector.hasContent()) return { parts, isOver: false };
  }
}

function parseEvent(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
