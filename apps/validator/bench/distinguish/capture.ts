/** One request as a miner sees it. */
export type Capture = {
  readonly isOrganic: boolean;
  /** Time of its arrival. */
  readonly atMs: number;
  /** The body, exactly as it came. */
  readonly body: string;
  /** What the miner answered. */
  readonly answer: string;
};

/** A message of a captured chat, its parts joined. */
export type CapturedMessage = { readonly role: string; readonly text: string };

/** A capture's fields, in their order. */
export function fieldsOf({ body }: Capture): Readonly<Record<string, unknown>> {
  return JSON.parse(body) as Record<string, unknown>;
}

/** What was said, in order; a prompt counts as a user's only message. */
export function messagesOf(capture: Capture): readonly CapturedMessage[] {
  const { messages, prompt } = fieldsOf(capture);
  if (!Array.isArray(messages)) return [{ role: "user", text: String(prompt ?? "") }];
  return messages.map(({ role, content }: { readonly role: string; readonly content: unknown }) => ({ role, text: textOf(content) }));
}

const OPENING_CHARACTERS = 120;

/** Which conversation a capture belongs to: how the first thing said after the instructions begins. A program's requests that begin alike are one. */
export function conversationOf(capture: Capture): string {
  const messages = messagesOf(capture);
  return (messages.find(({ role }) => role !== "system") ?? messages[0])?.text.slice(0, OPENING_CHARACTERS) ?? "";
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return String(content ?? "");
  return content.map((part: { readonly text?: unknown }) => String(part.text ?? "")).join("");
}
