import type { RequestBody } from "@vision/protocol";

/** Whether a request that fits its family's schema opens a conversation: nothing in it was answered before. A prompt always does. */
export function opensConversation({ messages }: RequestBody): boolean {
  return !Array.isArray(messages) || !(messages as readonly { readonly role?: unknown }[]).some(({ role }) => role === "assistant");
}
