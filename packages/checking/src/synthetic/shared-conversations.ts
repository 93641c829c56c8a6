import { createHash } from "node:crypto";
import type { RequestBody } from "@vision/protocol";

/** A request that a user of a task sent and lets the validator draw others from, as miners got it. */
export type SharedRequest = {
  /** Miners that were asked, as ss58 addresses: they may remember the text. */
  readonly hotkeys: readonly string[];
  readonly request: RequestBody;
  /** When it was sent, milliseconds since 1970; left out where nobody knows. */
  readonly atMs?: number;
};

/** One request of a conversation. */
export type SharedTurn = {
  readonly request: RequestBody;
  /** Milliseconds after the one before it; 0 of the first, null where nobody knows. */
  readonly waitMs: number | null;
};

/** What was sent of one conversation, turn by turn, or the same again, in the order of sending. */
export type SharedConversation = {
  /** Digest of its first messages; the same whenever it is read. */
  readonly id: string;
  readonly turns: readonly SharedTurn[];
  /** Miners that may know it word by word, from its users or because they were sent it as it is. Grows. */
  readonly knownBy: Set<string>;
};

const digest = (before: string, part: unknown) =>
  createHash("sha256")
    .update(before)
    .update(JSON.stringify(part) ?? "")
    .digest("base64url");

/** Digests of what is asked, last, and before it of every beginning of a chat at which it was asked before: all that ends before a reply. */
function stagesOf({ messages, prompt, input, image }: RequestBody): readonly string[] {
  if (!Array.isArray(messages)) return [digest("", [prompt, input, image])];
  const stages: string[] = [];
  let all = "";
  for (const message of messages as readonly { readonly role?: unknown }[]) {
    if (message.role === "assistant" && all !== "") stages.push(all);
    all = digest(all, message);
  }
  return [...stages, all];
}

/**
 * Requests by conversation. A chat goes on where another's messages begin it; the same again, as programs try again or ask for several to
 * choose from, belongs together too.
 *
 * @param shared - In the order in which they were sent.
 */
export function groupConversations(shared: readonly SharedRequest[]): readonly SharedConversation[] {
  type Growing = { readonly id: string; readonly turns: SharedTurn[]; readonly knownBy: Set<string>; lastMs: number | undefined };
  const byStage = new Map<string, Growing>();
  const all = new Set<Growing>();
  for (const { hotkeys, request, atMs } of shared) {
    const stages = stagesOf(request);
    const asked = stages.at(-1) ?? "";
    // The longest beginning that was asked: what was said last is what it goes on from.
    const before = stages.findLast((stage) => byStage.has(stage));
    const begun = before === undefined ? undefined : byStage.get(before);
    const conversation = begun ?? { id: asked, turns: [], knownBy: new Set(), lastMs: undefined };
    conversation.turns.push({ request, waitMs: begun === undefined ? 0 : waitBetween(begun.lastMs, atMs) });
    conversation.lastMs = atMs;
    for (const hotkey of hotkeys) conversation.knownBy.add(hotkey);
    byStage.set(asked, conversation);
    all.add(conversation);
  }
  return [...all];
}

function waitBetween(beforeMs: number | undefined, atMs: number | undefined): number | null {
  return beforeMs === undefined || atMs === undefined ? null : Math.max(0, atMs - beforeMs);
}
