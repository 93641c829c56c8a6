import type { RequestBody } from "@vision/protocol";

/** A request that a user of a task sent and lets the validator draw others from, as miners got it. */
export type SharedRequest = {
  /** Miners that were asked, as ss58 addresses: they may remember the text. */
  readonly hotkeys: readonly string[];
  readonly request: RequestBody;
};

/** What was sent of one conversation, turn by turn, or the same again, in the order of sending. */
export type SharedConversation = { readonly id: string; readonly requests: readonly RequestBody[]; readonly hotkeys: ReadonlySet<string> };

const textOf = (value: unknown) => JSON.stringify(value);

/** The beginnings of a chat at which it was sent before: all that ends before a reply. */
function beginningsOf({ messages }: RequestBody): readonly string[] {
  if (!Array.isArray(messages)) return [];
  return messages.flatMap((message: { readonly role?: unknown }, index) =>
    index > 0 && message.role === "assistant" ? [textOf(messages.slice(0, index))] : [],
  );
}

const whatIsAsked = ({ messages, prompt, input, image }: RequestBody) => textOf(messages ?? [prompt, input, image]);

/**
 * Requests by conversation. A chat goes on where another's messages begin it; the same again, as programs try again or ask for several to
 * choose from, belongs together too.
 *
 * @param shared - In the order in which they were sent.
 */
export function groupConversations(shared: readonly SharedRequest[]): readonly SharedConversation[] {
  const byNewest = new Map<string, { id: string; requests: RequestBody[]; hotkeys: Set<string> }>();
  const all = new Set<{ id: string; requests: RequestBody[]; hotkeys: Set<string> }>();
  for (const { hotkeys, request } of shared) {
    const asked = whatIsAsked(request);
    // The longest beginning first: what was said last is what it goes on from.
    const before = [asked, ...beginningsOf(request).toReversed()].find((each) => byNewest.has(each));
    const conversation = (before === undefined ? undefined : byNewest.get(before)) ?? { id: asked, requests: [], hotkeys: new Set() };
    conversation.requests.push(request);
    for (const hotkey of hotkeys) conversation.hotkeys.add(hotkey);
    byNewest.set(asked, conversation);
    all.add(conversation);
  }
  return [...all];
}
